//! The reset: an instruction to devices, on both sides at once, in waves if there are any.

mod http;
mod sender;
mod waves;
mod whom;

pub(crate) use sender::Sender;
use waves::wave;
pub(crate) use waves::{Wave, Who, in_waves};
pub(crate) use whom::{Members, Whom};

//! Response codes, as resolvers' own tools call them.

use std::borrow::Cow;

use hickory_proto::op::ResponseCode;

/// The code's name (RFC 6895 section 2.3); `RCODE` and its number where it has none.
pub(super) fn name(code: ResponseCode) -> Cow<'static, str> {
    let number = u16::from(code);
    Cow::Borrowed(match number {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        6 => "YXDOMAIN",
        7 => "YXRRSET",
        8 => "NXRRSET",
        9 => "NOTAUTH",
        10 => "NOTZONE",
        16 => "BADVERS",
        23 => "BADCOOKIE",
        other => return Cow::Owned(format!("RCODE{other}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_names() {
        assert_eq!(name(ResponseCode::NoError), "NOERROR");
        assert_eq!(name(ResponseCode::ServFail), "SERVFAIL");
        assert_eq!(name(ResponseCode::NXDomain), "NXDOMAIN");
        assert_eq!(name(ResponseCode::Refused), "REFUSED");
        assert_eq!(name(ResponseCode::from(0, 14)), "RCODE14");
    }
}

//! A mail server that does as it is told, good or bad.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Answers by the beginning of the command; commands that are not named get what a healthy server says.
pub(crate) type Script = &'static [(&'static str, &'static str)];

/// An answer that never comes, on a connection that stays open.
pub(crate) const HANG: &str = "hang";

const HEALTHY: Script =
    &[("greeting", "220 ready"), ("EHLO", "250 hello"), ("DATA", "354 go on"), (".", "250 queued as 7")];

pub(crate) struct Peer {
    pub(crate) port: u16,
    pub(crate) mails: mpsc::UnboundedReceiver<String>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// One script a connection, in this order; the last one again and again.
    pub(crate) async fn start(mut scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, mails) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let script = if scripts.len() > 1 { scripts.remove(0) } else { scripts[0] };
                // A conversation that the client cuts short is as good as one that ends.
                converse(&mut stream, script, &sender).await.ok();
                held.push(stream);
            }
        });
        Self { port, mails, task }
    }
}

/// Ends when the client does, or where the script hangs. The connection stays open then.
async fn converse(
    stream: &mut TcpStream,
    script: Script,
    mails: &mpsc::UnboundedSender<String>,
) -> std::io::Result<()> {
    let (reading, mut writing) = stream.split();
    let mut lines = BufReader::new(reading).lines();
    let mut command = "greeting".to_owned();
    loop {
        let found = script.iter().chain(HEALTHY).find(|(start, _)| command.starts_with(start));
        let answer = found.map_or("250 fine", |(_, answer)| answer);
        if answer == HANG {
            return Ok(());
        }
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if command.starts_with("DATA") && answer.starts_with('3') {
            let mut mail = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                mail += &line;
                mail += "\n";
            }
            mails.send(mail).ok();
            command = ".".to_owned();
        } else if let Some(line) = lines.next_line().await? {
            command = line;
        } else {
            return Ok(());
        }
    }
}

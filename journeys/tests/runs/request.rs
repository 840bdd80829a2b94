//! What an HTTP step can send, as the server sees it.

use cutover::Outcome;
use journeys::{Journey, Known, Secrets};

use crate::http::start;

#[tokio::test]
async fn a_request_carries_what_the_step_says() {
    let world = start().await;
    let yaml = r#"
journey: j
vars: { who: "a b", pw: secret }
steps:
  - name: query
    http: PROPFIND {{ api }}/note/query?first=1
    query: { who: "{{ who }}", tag: [x, y&z], n: 7 }
    cookies: { theme: dark, who: "{{ run.route }}" }
    credentials: { username: me, password: "{{ pw }}" }
    version: 1.1
    expect: [status == 204, redirects == 0, url contains first=1, version == HTTP/1.1]
  - name: list
    http: POST {{ api }}/note/form
    form: { tag: [a, b], who: "{{ who }}" }
"#;
    let run = crate::support::run(&world.context, yaml).await;
    assert_eq!((run.detail.as_str(), &run.outcome), ("", &Outcome::Passed));
    let lines = ["PROPFIND /note/query?first=1&who=a+b&tag=x&tag=y%26z&n=7", "POST /note/form"];
    assert_eq!(world.old.lines(), lines);
    let requests = world.old.requests.lock().unwrap();
    let headers = &requests[0].1;
    assert_eq!(headers["cookie"], "theme=dark; who=old");
    assert_eq!(headers["authorization"], "Basic bWU6c2VjcmV0");
    assert_eq!(requests[1].2, "tag=a&tag=b&who=a+b");
}

#[tokio::test]
async fn files_go_out_as_bodies_and_as_fields() {
    let world = start().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("note.txt"), "from a file").unwrap();
    let yaml = r#"
journey: j
steps:
  - { name: file, http: "PUT {{ api }}/note/file", file: note.txt, headers: { content-type: text/plain } }
  - name: fields
    http: POST {{ api }}/note/fields
    multipart: { run: "{{ run.route }}", note: { file: note.txt, type: text/plain } }
"#;
    let path = folder.path().join("j.yaml");
    std::fs::write(&path, yaml).unwrap();
    let known = Known { vars: &world.context.vars, secrets: &Secrets::default() };
    let run = Journey::load(&path, known).unwrap().run(&world.context).await;
    assert_eq!((run.detail.as_str(), &run.outcome), ("", &Outcome::Passed));
    let requests = world.old.requests.lock().unwrap();
    assert_eq!(
        (requests[0].1["content-type"].to_str().unwrap(), requests[0].2.as_str()),
        ("text/plain", "from a file")
    );
    let kind = requests[1].1["content-type"].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"run\"\r\n\r\nold\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"note\"; filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\n\
         from a file\r\n--{boundary}--\r\n"
    );
    assert_eq!(requests[1].2, expected);
}

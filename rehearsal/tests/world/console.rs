//! The console, as a browser sees it.

use rehearsal::Side::New;
use reqwest::{Method, header};

use crate::support::Scene;

#[tokio::test]
async fn a_user_signs_in() {
    let scene = Scene::start().await;
    let mut api = scene.api(New);
    api.sign_up_and_in(New, "o'hara+<b>@acme.example").await;

    let form = api.console(Method::GET, "/console").send().await.unwrap().text().await.unwrap();
    for id in [r#"id="email""#, r#"id="password""#, r#"id="sign-in""#] {
        assert!(form.contains(id), "{form}");
    }
    let home = api.console(Method::GET, "/console/home").send().await.unwrap();
    assert_eq!(
        (home.status().as_u16(), &home.headers()[header::LOCATION]),
        (303, &"/console".parse().unwrap())
    );

    let post = |body: &'static str| {
        let request = api.console(Method::POST, "/console/sign-in");
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body).send()
    };
    let refused = post("email=o%27hara&password=wrong").await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.text().await.unwrap().contains(r#"id="error""#));

    let signed_in = post("email=o%27hara%2B%3Cb%3E%40acme.example&password=correct+horse").await.unwrap();
    assert_eq!(
        (signed_in.status().as_u16(), &signed_in.headers()[header::LOCATION]),
        (303, &"/console/home".parse().unwrap())
    );
    let home = api.console(Method::GET, "/console/home").send().await.unwrap();
    assert_eq!(home.headers()["x-served-by"], "new");
    let home = home.text().await.unwrap();
    assert!(home.contains("Signed in as o'hara+&lt;b&gt;@acme.example"), "{home}");
}

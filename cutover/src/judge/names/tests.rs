use super::*;

const GRACE: Duration = Duration::from_secs(2);

fn sides() -> Sides {
    Sides::new(vec!["127.0.1.0/24".parse().unwrap()], vec!["127.0.2.0/24".parse().unwrap()]).unwrap()
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn answer(resolver: &str, second: i64, address: &str, ttl: u64) -> NameAnswer {
    NameAnswer {
        at: at(second),
        name: "api.acme.example".into(),
        resolver: resolver.into(),
        authoritative: resolver == "zone",
        took: Duration::from_millis(1),
        view: NameView::Addresses {
            addresses: vec![address.parse().unwrap()],
            ttl: Duration::from_secs(ttl),
        },
    }
}

fn texts(names: &Names, second: i64) -> Vec<String> {
    names.reasons(Phase::Go, Some(at(0)), at(second), GRACE).into_iter().map(|reason| reason.text).collect()
}

#[test]
fn a_resolver_has_until_its_ttl_runs_out_and_is_then_named() {
    let mut names = Names::default();
    names.observe(&answer("zone", 0, "127.0.1.1", 30), &sides());
    names.observe(&answer("office", 0, "127.0.1.1", 30), &sides());
    names.observe(&answer("zone", 10, "127.0.2.1", 30), &sides());
    names.observe(&answer("office", 20, "127.0.1.1", 10), &sides());
    assert_eq!(texts(&names, 31), Vec::<String>::new());
    names.observe(&answer("office", 40, "127.0.1.1", 25), &sides());
    assert_eq!(
        texts(&names, 40),
        [
            "api.acme.example still resolves to the old side at office, 10 s after the TTL ran out at 00:00:30 UTC"
        ]
    );
    assert!(!names.all_moved());
    names.observe(&answer("office", 41, "127.0.2.1", 30), &sides());
    assert_eq!(texts(&names, 41), Vec::<String>::new());
    assert!(names.all_moved());
}

#[test]
fn an_address_of_neither_side_holds_at_once_and_a_lost_packet_does_not() {
    let mut names = Names::default();
    names.observe(&answer("office", 0, "10.9.9.9", 30), &sides());
    assert_eq!(
        texts(&names, 1),
        ["api.acme.example resolves to 10.9.9.9 at office: an address of neither side"]
    );
    names.observe(&answer("office", 2, "127.0.1.1", u64::MAX), &sides());
    let failed = |second| NameAnswer {
        view: NameView::Failed("SERVFAIL".to_owned()),
        ..answer("office", second, "::", 1)
    };
    names.observe(&failed(3), &sides());
    assert_eq!(texts(&names, 3), Vec::<String>::new());
    names.observe(&failed(4), &sides());
    assert_eq!(texts(&names, 4), ["api.acme.example does not resolve at office: SERVFAIL"]);
}

#[test]
fn what_is_wrong_everywhere_is_said_once() {
    let mut names = Names::default();
    for name in ["api.acme.example", "mqtt.acme.example"] {
        for resolver in ["office", "mobile", "zone"] {
            let wrong = NameAnswer { name: name.into(), ..answer(resolver, 0, "10.9.9.9", 30) };
            names.observe(&wrong, &sides());
        }
    }
    assert_eq!(
        texts(&names, 1),
        [
            "api.acme.example and mqtt.acme.example resolve to 10.9.9.9 at mobile, office and zone: an address of \
             neither side"
        ]
    );
}

fn unmoved(phase: Phase, names: &Names, second: i64) -> Vec<String> {
    let reasons = names.reasons(phase, Some(at(100)), at(second), GRACE);
    reasons.into_iter().map(|reason| reason.text).collect()
}

#[test]
fn a_name_that_was_forgotten_is_named_after_its_ttl() {
    let mut names = Names::default();
    for (name, resolver, address) in [
        ("api.acme.example", "zone", "127.0.2.1"),
        ("api.acme.example", "office", "127.0.2.1"),
        ("mqtt.acme.example", "zone", "127.0.1.1"),
        ("mqtt.acme.example", "office", "127.0.1.1"),
        ("www.acme.example", "office", "127.0.1.1"),
        ("www.acme.example", "mobile", "127.0.1.1"),
    ] {
        names.observe(&NameAnswer { name: name.into(), ..answer(resolver, 90, address, 30) }, &sides());
    }
    assert_eq!(unmoved(Phase::Go, &names, 132), Vec::<String>::new());
    let said = [
        "www.acme.example has not moved: every resolver still gives the old side",
        "mqtt.acme.example has not moved: zone, which decides, still gives the old side",
    ];
    assert_eq!(unmoved(Phase::Go, &names, 133), said);
    assert_eq!(unmoved(Phase::Settled, &names, 133), said);
    assert_eq!(unmoved(Phase::Set, &names, 133), Vec::<String>::new());
}

#[test]
fn after_a_rollback_names_and_resolvers_that_stay_on_new_are_named() {
    let mut names = Names::default();
    for resolver in ["office", "zone"] {
        names.observe(&answer(resolver, 50, "127.0.1.1", 30), &sides());
        names.observe(&answer(resolver, 90, "127.0.2.1", 30), &sides());
    }
    names.enter(Phase::RolledBack, Some(at(100)));
    assert_eq!(unmoved(Phase::RolledBack, &names, 132), Vec::<String>::new());
    assert_eq!(
        unmoved(Phase::RolledBack, &names, 133),
        ["api.acme.example has not moved back: zone, which decides, still gives the new side"]
    );
    names.observe(&answer("zone", 140, "127.0.1.1", 30), &sides());
    // It may keep what it was given before the name moved back, which was at 90 s for 30 s.
    names.observe(&answer("office", 141, "127.0.2.1", 29), &sides());
    assert_eq!(unmoved(Phase::RolledBack, &names, 141), Vec::<String>::new());
    assert_eq!(
        unmoved(Phase::RolledBack, &names, 143),
        [
            "api.acme.example still resolves to the new side at office, 3 s after the TTL ran out at 00:02:20 UTC"
        ]
    );
    names.enter(Phase::Set, Some(at(150)));
    assert_eq!(unmoved(Phase::Set, &names, 400), Vec::<String>::new());
}

#[test]
fn a_clock_that_was_set_back_gives_a_resolver_its_ttl_and_no_more() {
    let mut names = Names::default();
    for resolver in ["office", "zone"] {
        names.observe(&answer(resolver, 100_000, "127.0.1.1", 30), &sides());
    }
    names.observe(&answer("zone", 100_001, "127.0.2.1", 30), &sides());
    // A day back.
    for second in [13_600, 13_620] {
        names.observe(&answer("zone", second, "127.0.2.1", 30), &sides());
        names.observe(&answer("office", second, "127.0.1.1", 30), &sides());
    }
    assert_eq!(texts(&names, 13_632), Vec::<String>::new());
    assert_eq!(texts(&names, 13_633).len(), 1);
}

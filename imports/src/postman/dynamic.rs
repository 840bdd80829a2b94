//! `{{$guid}}` and its like: what Postman makes up anew with each request, in the language's own functions
//! (<https://learning.postman.com/docs/tests-and-scripts/write-scripts/variables-list/>).

use crate::text::{Part, Text};

/// What stands for each. Names are examples' (RFC 2606), addresses documentation's (RFC 5737, RFC 3849), numbers of telephones
/// films'. Within quotes they are texts, numbers too.
const KNOWN: [(&str, &str); 35] = [
    ("guid", "{{ uuid() }}"),
    ("randomUUID", "{{ uuid() }}"),
    ("timestamp", "{{ now(format='unix')|string }}"),
    ("isoTimestamp", "{{ now() }}"),
    ("randomDateFuture", "{{ now(offset='30d') }}"),
    ("randomDatePast", "{{ now(offset='-30d') }}"),
    ("randomDateRecent", "{{ now(offset='-1h') }}"),
    ("randomMonth", "{{ random_choice(['January', 'April', 'July', 'October']) }}"),
    ("randomWeekday", "{{ random_choice(['Monday', 'Wednesday', 'Saturday']) }}"),
    ("randomInt", "{{ random_int(0, 1000)|string }}"),
    ("randomPrice", "{{ random_int(0, 999) }}.{{ random_int(10, 99) }}"),
    ("randomBankAccount", "{{ random_int(10000000, 99999999)|string }}"),
    ("randomCreditCardMask", "{{ random_int(1000, 9999)|string }}"),
    ("randomLatitude", "{{ random_int(-89, 89) }}.{{ random_int(1000, 9999) }}"),
    ("randomLongitude", "{{ random_int(-179, 179) }}.{{ random_int(1000, 9999) }}"),
    ("randomBoolean", "{{ random_choice(['true', 'false']) }}"),
    ("randomAlphaNumeric", "{{ random_string(1) }}"),
    ("randomPassword", "{{ random_string(15) }}"),
    ("randomColor", "{{ random_choice(['red', 'green', 'blue']) }}"),
    ("randomHexColor", "#{{ random_int(100000, 999999) }}"),
    ("randomSemver", "{{ random_int(0, 9) }}.{{ random_int(0, 9) }}.{{ random_int(0, 9) }}"),
    ("randomIP", "192.0.2.{{ random_int(1, 254) }}"),
    ("randomIPV6", "2001:db8::{{ random_int(1, 9999) }}"),
    ("randomMACAddress", "02:00:00:00:00:{{ random_int(10, 99) }}"),
    ("randomProtocol", "{{ random_choice(['http', 'https']) }}"),
    ("randomUrl", "https://{{ random_string(8)|lower }}.example"),
    ("randomDomainName", "{{ random_string(8)|lower }}.example"),
    ("randomEmail", "canary-{{ random_string(12)|lower }}@example.com"),
    ("randomExampleEmail", "canary-{{ random_string(12)|lower }}@example.com"),
    ("randomUserName", "canary-{{ random_string(12)|lower }}"),
    ("randomFirstName", "{{ random_choice(['Ann', 'Ben', 'Cleo', 'Dan']) }}"),
    ("randomLastName", "{{ random_choice(['Archer', 'Baker', 'Cook']) }}"),
    (
        "randomFullName",
        "{{ random_choice(['Ann', 'Ben', 'Cleo', 'Dan']) }} {{ random_choice(['Archer', 'Baker', 'Cook']) }}",
    ),
    ("randomPhoneNumber", "555-010-{{ random_int(1000, 9999) }}"),
    ("randomCountryCode", "{{ random_choice(['CH', 'DE', 'FR', 'US']) }}"),
];

/// What stands for one of them; `None` where nothing is like it.
pub(super) fn counterpart(name: &str) -> Option<Text> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, template)| parts(template).collect())
}

/// What stands for one that nothing is like.
pub(super) fn anything() -> Text {
    Text::filled("random_string(12)".to_owned())
}

fn parts(template: &str) -> impl Iterator<Item = Part> {
    template.split("{{ ").flat_map(|piece| match piece.split_once(" }}") {
        Some((call, behind)) => vec![Part::Filled(call.to_owned()), Part::Literal(behind.to_owned())],
        None => vec![Part::Literal(piece.to_owned())],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_one_is_written_as_it_stands_in_the_table() {
        for (name, template) in KNOWN {
            assert_eq!(counterpart(name).map(|text| text.template()).as_deref(), Some(template));
        }
        assert!(counterpart("randomCatchPhrase").is_none());
    }
}

//! "Did you mean": the word somebody probably meant.

/// The candidate closest to `given`, if one is close enough to be what was meant.
pub fn nearest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let given = given.to_lowercase();
    let candidates: Vec<_> = candidates.into_iter().collect();
    // Whoever breaks off a word means the only one that begins so.
    let mut longer = candidates.iter().filter(|candidate| candidate.to_lowercase().starts_with(&given));
    if let (Some(one), None, 3..) = (longer.next(), longer.next(), given.chars().count()) {
        return Some(one);
    }
    // One slip in a short word, more in a long one; transposed letters count as one slip.
    let tolerated = 1 + given.chars().count() / 4;
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&given, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A help line: the near miss if there is one, else all the words there are.
pub fn did_you_mean<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str> + Clone) -> String {
    match nearest(given, candidates.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known here: {}", candidates.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_forgiven_and_a_different_word_is_not() {
        let words = ["expect", "save", "until", "timeout"];
        assert_eq!(nearest("expct", words), Some("expect"));
        assert_eq!(nearest("Timout", words), Some("timeout"));
        assert_eq!(nearest("utnil", words), Some("until"));
        assert_eq!(nearest("exp", words), Some("expect"));
        assert_eq!(nearest("assert", words), None);
        assert_eq!(did_you_mean("assert", words), "known here: expect, save, until, timeout");
    }
}

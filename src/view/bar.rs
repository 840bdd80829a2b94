//! Devices per side, as a bar.

/// The parts of a whole as a bar of `width` characters, each part drawn with its own. A part that is not empty gets
/// at least one character: a single straggler must be seen.
pub(super) fn bar(parts: &[(u64, char)], width: usize) -> String {
    let total: u64 = parts.iter().map(|(count, _)| count).sum();
    if total == 0 {
        return " ".repeat(width);
    }
    let share = |count: u64| (count as f64 / total as f64 * width as f64).round() as usize;
    let mut cells: Vec<usize> =
        parts.iter().map(|(count, _)| if *count == 0 { 0 } else { share(*count).max(1) }).collect();
    // Rounding is made up for at the expense of the largest part.
    while cells.iter().sum::<usize>() != width {
        let sum = cells.iter().sum::<usize>();
        let Some(largest) = cells.iter_mut().max() else { break };
        if sum > width {
            *largest -= 1;
        } else {
            *largest += 1;
        }
    }
    parts.iter().zip(cells).map(|((_, c), cells)| c.to_string().repeat(cells)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_wide_as_asked_and_hides_nobody() {
        assert_eq!(bar(&[(50, 'o'), (50, 'n')], 10), "ooooonnnnn");
        assert_eq!(bar(&[(1, 'o'), (9_999, 'n')], 10), "onnnnnnnnn");
        assert_eq!(bar(&[(0, 'o'), (3, 'n')], 4), "nnnn");
        assert_eq!(bar(&[(1, 'a'), (1, 'b'), (1, 'c')], 10).len(), 10);
        assert_eq!(bar(&[], 3), "   ");
    }
}

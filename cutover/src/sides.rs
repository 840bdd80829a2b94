//! Which addresses belong to which side.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::{Reached, Side};

/// The address ranges of the two sides. Valid by construction: no address is on both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    old: Vec<IpNet>,
    new: Vec<IpNet>,
}

/// Why two lists of ranges are not the two sides of a cutover.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SidesError {
    /// A side without an address can neither be reached nor recognised.
    #[error("the {0} side has no addresses")]
    Empty(Side),
    /// An address on both sides would make every run on it ambiguous.
    #[error("{old} (old) and {new} (new) overlap: an address may be on one side only")]
    Overlap {
        /// The old side's range.
        old: IpNet,
        /// The new side's range.
        new: IpNet,
    },
}

impl Sides {
    /// The two sides, from the ranges of each.
    ///
    /// # Errors
    /// When a side is empty, or a range of one overlaps a range of the other.
    pub fn new(old: Vec<IpNet>, new: Vec<IpNet>) -> Result<Self, SidesError> {
        if old.is_empty() {
            return Err(SidesError::Empty(Side::Old));
        }
        if new.is_empty() {
            return Err(SidesError::Empty(Side::New));
        }
        for o in &old {
            for n in &new {
                // Two ranges are either nested or apart, so each need only be asked for the other's first address.
                if o.contains(&n.network()) || n.contains(&o.network()) {
                    return Err(SidesError::Overlap { old: *o, new: *n });
                }
            }
        }
        Ok(Self { old, new })
    }

    /// Those of no cutover: it is not known where either side is, and no address is on one.
    pub const fn unknown() -> Self {
        Self { old: Vec::new(), new: Vec::new() }
    }

    /// The side that holds `address`. An IPv4 address mapped into IPv6 counts as the IPv4 address that it is.
    pub fn side_of(&self, address: IpAddr) -> Reached {
        let address = address.to_canonical();
        let within = |ranges: &[IpNet]| ranges.iter().any(|range| range.contains(&address));
        if within(&self.old) {
            Reached::Old
        } else if within(&self.new) {
            Reached::New
        } else {
            Reached::Other
        }
    }

    /// The ranges of one side.
    pub fn ranges(&self, side: Side) -> &[IpNet] {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn nets(list: &[&str]) -> Vec<IpNet> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn an_address_is_on_one_side_or_on_neither() {
        let sides =
            Sides::new(nets(&["203.0.113.0/24"]), nets(&["198.51.100.7/32", "2001:db8::/32"])).unwrap();
        assert_eq!(sides.side_of("203.0.113.9".parse().unwrap()), Reached::Old);
        assert_eq!(sides.side_of("198.51.100.7".parse().unwrap()), Reached::New);
        assert_eq!(sides.side_of("2001:db8::5".parse().unwrap()), Reached::New);
        assert_eq!(sides.side_of("::ffff:203.0.113.9".parse().unwrap()), Reached::Old);
        assert_eq!(sides.side_of("10.0.0.1".parse().unwrap()), Reached::Other);
    }

    #[test]
    fn overlapping_sides_are_refused_whichever_is_wider() {
        let wide = || nets(&["10.0.0.0/8"]);
        let narrow = || nets(&["10.1.2.3/32"]);
        assert!(matches!(Sides::new(wide(), narrow()), Err(SidesError::Overlap { .. })));
        assert!(matches!(Sides::new(narrow(), wide()), Err(SidesError::Overlap { .. })));
        assert_eq!(Sides::new(vec![], wide()), Err(SidesError::Empty(Side::Old)));
    }
}

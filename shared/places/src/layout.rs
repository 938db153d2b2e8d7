//! How a ZIP code lies in its eight bytes: 20 bits of latitude, 22 of longitude, 15 of city, 7 of its last two digits. What
//! packs them and what reads them are two programs; this is what they agree on.

/// One ZIP code, with positions in ten-thousandths of a degree (36 feet).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    /// The code, as a number; what is packed of it is its last two digits.
    pub(crate) zip: u32,
    /// To the north.
    pub(crate) north: i32,
    /// To the east.
    pub(crate) east: i32,
    /// The number of its city.
    pub(crate) city: u16,
}

/// The southernmost latitude that there is room for: American Samoa lies at -14.
const SOUTH: i32 = -200_000;
/// The westernmost longitude.
const WEST: i32 = -1_800_000;

/// The first three digits of a code.
pub(crate) fn prefix(zip: u32) -> u16 {
    (zip / 100 % 1000) as u16
}

impl Packed {
    /// The eight bytes, if everything has room in them.
    #[allow(dead_code, reason = "packing is the work of the build script")]
    pub(crate) fn pack(self) -> Option<u64> {
        let fits = |number: i32, bits: u32| u64::try_from(number).ok().filter(|number| *number < 1 << bits);
        let north = fits(self.north - SOUTH, 20)?;
        let east = fits(self.east - WEST, 22)?;
        let city = fits(i32::from(self.city), 15)?;
        Some(north << 44 | east << 22 | city << 7 | u64::from(self.zip % 100))
    }

    /// What is packed in `bytes`, of a code that begins with `prefix`.
    #[allow(dead_code, reason = "reading is not the work of the build script")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "each part is cut to its bits, 22 at most"
    )]
    pub(crate) fn unpack(bytes: u64, prefix: u16) -> Self {
        let part = |shift: u32, bits: u32| (bytes >> shift & ((1 << bits) - 1)) as u32;
        Self {
            zip: u32::from(prefix) * 100 + part(0, 7),
            north: part(44, 20) as i32 + SOUTH,
            east: part(22, 22) as i32 + WEST,
            city: part(7, 15) as u16,
        }
    }
}

//! What is seen on a page, however it got there: words, drawn lines, and what could be handwriting.

/// A rectangle, measured from the page's top left corner, in the unit of the page's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn middle(&self) -> f64 {
        f64::midpoint(self.top, self.bottom)
    }

    pub(super) fn centre(&self) -> f64 {
        f64::midpoint(self.left, self.right)
    }

    /// The smallest frame around both.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The smallest frame around all; none if there are none.
    pub(super) fn around<'a>(frames: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        frames.into_iter().copied().reduce(|one, other| one.with(&other))
    }

    /// A frame that is larger by this on every side.
    pub(super) fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    pub(super) fn contains(&self, x: f64, y: f64) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// How much of the height is shared, as part of the lower one's height.
    pub(super) fn shared_height(&self, other: &Self) -> f64 {
        let shared = self.bottom.min(other.bottom) - self.top.max(other.top);
        shared / self.height().min(other.height()).max(f64::MIN_POSITIVE)
    }

    /// How far apart the two are from side to side; negative where they overlap.
    pub(super) fn gap(&self, other: &Self) -> f64 {
        (other.left - self.right).max(self.left - other.right)
    }

    /// How much of the width is shared, in the page's unit; negative where they lie apart.
    pub(super) fn shared_width(&self, other: &Self) -> f64 {
        self.right.min(other.right) - self.left.max(other.left)
    }
}

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) frame: Frame,
    /// From 0 to 100.
    pub(super) confidence: f64,
    /// Whether it looks written by hand.
    pub(super) handwritten: bool,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Page {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) words: Vec<Word>,
    /// Lines drawn from left to right, those made of underscores among them.
    pub(super) rules: Vec<Frame>,
    /// Lines drawn from top to bottom.
    pub(super) bars: Vec<Frame>,
    /// What could be a signature by its form: curves drawn by a pen, small pictures, blots of ink.
    pub(super) ink: Vec<Frame>,
}

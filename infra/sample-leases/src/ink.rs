//! Signatures, drawn as a pen would.

use crate::chance::Chance;
use crate::pdf::Mark;

/// A signature of `name` that begins at `(left, base)` and is at most `room` long: loops of the pen that differ by name.
pub(crate) fn signature(name: &str, left: f32, base: f32, room: f32) -> Vec<Mark> {
    let mut chance = Chance::of(name);
    let mut strokes = Vec::new();
    let mut x = left + chance.between(2.0, 8.0);
    // Nobody writes more than two words.
    let parts: Vec<&str> = name.split_whitespace().take(2).collect();
    let letters: usize = parts.iter().map(|part| part.chars().count() + 5).sum();
    #[expect(clippy::cast_precision_loss, reason = "a name is short")]
    let step = (room * chance.between(0.6, 0.8) / letters as f32).min(8.0);
    for part in parts {
        let from = (x, base + chance.between(0.0, 2.0));
        let mut curves = Vec::new();
        // The capital: tall, and swung back.
        let top = base + chance.between(14.0, 19.0);
        curves.push([
            (x - step, base + 6.0),
            (x + step * 0.4, top),
            (x + step * 1.2, top - chance.between(0.0, 3.0)),
        ]);
        curves.push([
            (x + step * 2.0, top - 6.0),
            (x + step * 0.2, base - chance.between(1.0, 5.0)),
            (x + step * 1.6, base + 1.0),
        ]);
        x += step * 1.6;
        for letter in part.chars().skip(1) {
            let tall = matches!(letter, 'b' | 'd' | 'f' | 'h' | 'k' | 'l' | 't');
            let deep = matches!(letter, 'g' | 'j' | 'p' | 'q' | 'y' | 'z');
            let peak = base
                + if tall {
                    chance.between(11.0, 15.0)
                } else {
                    chance.between(4.0, 7.0)
                };
            let foot = base
                - if deep {
                    chance.between(4.0, 8.0)
                } else {
                    chance.between(-1.0, 1.0)
                };
            let lean = chance.between(0.2, 0.9) * step;
            curves.push([
                (x + lean, base + 2.0),
                (x + step * 0.9, peak),
                (x + step * 0.5, peak),
            ]);
            x += step * chance.between(0.8, 1.2);
            curves.push([
                (x - step * 0.9, peak - 2.0),
                (x - step * 0.3, foot),
                (x, base + 0.8),
            ]);
        }
        // The pen runs out to the right.
        curves.push([
            (x + step, base + chance.between(-2.0, 1.0)),
            (x + step * 1.6, base + chance.between(0.0, 5.0)),
            (x + step * 2.2, base + chance.between(0.0, 4.0)),
        ]);
        strokes.push(Mark::Ink {
            from,
            curves,
            width: chance.between(0.8, 1.3),
        });
        x += step * 2.0;
    }
    if chance.below(3) == 0 {
        strokes.push(Mark::Ink {
            from: (left + 4.0, base - 4.0),
            curves: vec![[
                (left + room * 0.2, base - 6.0),
                (left + room * 0.45, base + 1.0),
                (x + 4.0, base - 3.0),
            ]],
            width: 0.9,
        });
    }
    strokes
}

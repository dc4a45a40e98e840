//! Addresses as QR codes: on a terminal for the phone beside it, on a page as a picture.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// White modules around, as the standard asks for.
const QUIET: usize = 4;

fn code(text: &str) -> Option<QrCode> {
    // Screens are clean; the smallest code is read from furthest away.
    QrCode::with_error_correction_level(text, EcLevel::L).ok()
}

/// As lines of half blocks, light on dark or dark on light alike; none where it does not fit.
pub fn lines(text: &str) -> Option<String> {
    let code = code(text)?;
    let width = code.width();
    let dark = |x: usize, y: usize| {
        let inside = |n: usize| n.checked_sub(QUIET).filter(|n| *n < width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => code[(x, y)] == Color::Dark,
            _ => false,
        }
    };
    let all = width + 2 * QUIET;
    let mut out = String::new();
    for y in (0..all).step_by(2) {
        for x in 0..all {
            // Light modules are drawn, so that a dark terminal shows a light code.
            out.push(match (dark(x, y), dark(x, y + 1)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            });
        }
        out.push('\n');
    }
    Some(out)
}

/// As SVG; empty where it does not fit.
pub fn svg(text: &str) -> String {
    let Some(code) = code(text) else {
        return String::new();
    };
    let all = code.width() + 2 * QUIET;
    let mut path = String::new();
    for (i, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (i % code.width() + QUIET, i / code.width() + QUIET);
            // Writing to a String cannot fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {all} {all}\" role=\"img\" aria-label=\"QR\" shape-rendering=\"crispEdges\">\
         <rect width=\"{all}\" height=\"{all}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    )
}

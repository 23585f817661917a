//! A logo: a picture that somebody sent, drawn anew (R28).
//!
//! Nothing of the file that was sent is kept: its pixels are decoded within tight limits, laid on a
//! square of opaque paper and written as a PNG of our own, without metadata. Pictures that can hold
//! more than pixels (SVG) are not read at all. The paper keeps the contrast: a light logo on a
//! transparent ground lies on dark paper, any other on white, so that it is seen in both themes.

use crate::domain::LogoDigest;
use crate::vault::sha256;
use image::codecs::png::{CompressionType, FilterType as RowFilter, PngEncoder};
use image::imageops::{self, FilterType};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat,
    ImageReader, Limits, Rgb, RgbImage, RgbaImage,
};
use std::io::Cursor;

/// A longer file is not read.
pub const MOST_BYTES: usize = 512 * 1024;
/// A picture that is wider or higher is not decoded.
const MOST_PIXELS: u32 = 4096;

/// What pixels may take while they are decoded: 4096 by 4096 of four bytes each.
const MOST_DECODED: u64 = 64 * 1024 * 1024;
/// The same, with the decoder's own needs.
const MOST_MEMORY: u64 = MOST_DECODED + 32 * 1024 * 1024;

/// Width and height of what is drawn, at most.
const SIDE: u32 = 256;
/// The part of it that a picture with a transparent ground may take.
const SIDE_WITHIN_MARGIN: u32 = 208;

const LIGHT_PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const DARK_PAPER: Rgb<u8> = Rgb([19, 21, 25]);

/// A picture drawn by us.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    png: Vec<u8>,
    digest: LogoDigest,
}

/// Why no logo can be made of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoProblem {
    /// Too many bytes.
    #[error("has more than 512 KB")]
    TooHeavy,
    /// Too many pixels.
    #[error("has more than 4096 by 4096 pixels")]
    TooManyPixels,
    /// Not a PNG, JPEG or WebP file.
    #[error("is no PNG, JPEG or WebP picture")]
    NotAPicture,
    /// It begins like one, and cannot be read to its end.
    #[error("is broken: it cannot be read to its end")]
    Broken,
}

impl Logo {
    /// Draws a file anew. Takes a moment and up to a hundred megabytes: not for the threads that
    /// answer requests.
    pub fn draw(file: &[u8]) -> Result<Self, LogoProblem> {
        let picture = decode(file)?;
        let png = write(&square(&picture)).map_err(|_| LogoProblem::Broken)?;
        Ok(Self {
            digest: LogoDigest::from(sha256(&png)),
            png,
        })
    }

    /// The file, as it is served.
    #[must_use]
    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// What it is called.
    #[must_use]
    pub fn digest(&self) -> &LogoDigest {
        &self.digest
    }
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({})", self.digest)
    }
}

fn decode(file: &[u8]) -> Result<RgbaImage, LogoProblem> {
    if file.len() > MOST_BYTES {
        return Err(LogoProblem::TooHeavy);
    }
    // by its first bytes: whatever its name or its sender say
    let format = image::guess_format(file).map_err(|_| LogoProblem::NotAPicture)?;
    if !matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP
    ) {
        return Err(LogoProblem::NotAPicture);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| problem(&error))?;
    let (width, height) = decoder.dimensions();
    if width > MOST_PIXELS || height > MOST_PIXELS || decoder.total_bytes() > MOST_DECODED {
        return Err(LogoProblem::TooManyPixels);
    }
    if format == ImageFormat::Jpeg && !has_an_end(file) {
        return Err(LogoProblem::Broken);
    }
    let turned = decoder.orientation().map_err(|error| problem(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| problem(&error))?;
    picture.apply_orientation(turned);
    Ok(picture.into_rgba8())
}

/// Whether the end of a JPEG stands behind its last scan. The decoder draws what is missing in grey;
/// neither marker can stand inside of a scan (ITU-T T.81, B.1.1.2).
fn has_an_end(jpeg: &[u8]) -> bool {
    let last = |marker: [u8; 2]| jpeg.windows(2).rposition(|bytes| bytes == marker);
    last([0xff, 0xd9]) > last([0xff, 0xda])
}

fn problem(error: &ImageError) -> LogoProblem {
    match error {
        ImageError::Limits(_) => LogoProblem::TooManyPixels,
        _ => LogoProblem::Broken,
    }
}

/// The picture in the middle of a square of paper, no larger than [`SIDE`].
fn square(picture: &RgbaImage) -> RgbImage {
    let ground = Ground::of(picture);
    let flat = flattened(picture, ground.paper);
    let inner = if ground.is_seen {
        SIDE_WITHIN_MARGIN
    } else {
        SIDE
    };
    let longest = flat.width().max(flat.height()).max(1);
    let flat = if longest > inner {
        let scaled = |length: u32| (length * inner / longest).max(1);
        let (width, height) = (scaled(flat.width()), scaled(flat.height()));
        DynamicImage::from(flat)
            .resize_exact(width, height, FilterType::Lanczos3)
            .into_rgb8()
    } else {
        flat
    };
    let longest = flat.width().max(flat.height()).max(1);
    let side = (longest * SIDE).div_ceil(inner).min(SIDE);
    let mut square = RgbImage::from_pixel(side, side, ground.paper);
    let (left, top) = ((side - flat.width()) / 2, (side - flat.height()) / 2);
    imageops::replace(&mut square, &flat, left.into(), top.into());
    square
}

/// What a picture lies on.
struct Ground {
    paper: Rgb<u8>,
    /// The picture lets enough of it through to need a margin. One with rounded corners does not: our
    /// own corners are rounder.
    is_seen: bool,
}

impl Ground {
    fn of(picture: &RgbaImage) -> Self {
        let (mut opacity, mut brightness) = (0_u64, 0_u64);
        for pixel in picture.pixels() {
            let [red, green, blue, alpha] = pixel.0.map(u64::from);
            opacity += alpha;
            brightness += (2126 * red + 7152 * green + 722 * blue) / 10_000 * alpha;
        }
        let whole = u64::from(picture.width()) * u64::from(picture.height()) * 255;
        let is_light = brightness > 180 * opacity;
        let corner = picture.get_pixel_checked(0, 0).map(|pixel| pixel.0);
        let paper = match corner {
            // an opaque picture goes on where it ends
            Some([red, green, blue, 255]) => Rgb([red, green, blue]),
            _ if is_light => DARK_PAPER,
            _ => LIGHT_PAPER,
        };
        Self {
            paper,
            is_seen: opacity * 10 < whole * 9,
        }
    }
}

/// The picture laid on its paper, before it is scaled: what is transparent has no colour to bleed.
fn flattened(picture: &RgbaImage, paper: Rgb<u8>) -> RgbImage {
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (onto, from) in flat.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = from.0;
        let over = |colour: u8, paper: u8| {
            let alpha = u32::from(alpha);
            let mixed = u32::from(colour) * alpha + u32::from(paper) * (255 - alpha);
            u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX)
        };
        let Rgb([paper_red, paper_green, paper_blue]) = paper;
        *onto = Rgb([
            over(red, paper_red),
            over(green, paper_green),
            over(blue, paper_blue),
        ]);
    }
    flat
}

fn write(picture: &RgbImage) -> Result<Vec<u8>, ImageError> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, RowFilter::Adaptive)
        .write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )?;
    Ok(png)
}

#[cfg(test)]
mod tests;

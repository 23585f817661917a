//! Files that people and attackers send, and what is drawn of them.

use super::*;
use image::Rgba;

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture
        .into()
        .write_to(&mut file, format)
        .expect("an encoder");
    file.into_inner()
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    written(picture, ImageFormat::Png)
}

fn plain(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

/// A disc on a transparent ground.
fn disc(side: u32, colour: [u8; 3]) -> RgbaImage {
    let [red, green, blue] = colour;
    RgbaImage::from_fn(side, side, |x, y| {
        let off = |at: u32| i64::from(2 * at + 1) - i64::from(side);
        let inside = off(x).pow(2) + off(y).pow(2) < i64::from(side).pow(2);
        Rgba([red, green, blue, if inside { 255 } else { 0 }])
    })
}

/// What is drawn, decoded again.
fn drawn(file: &[u8]) -> RgbImage {
    let logo = Logo::draw(file).expect("a logo");
    assert_eq!(
        logo.digest().as_bytes(),
        &crate::vault::sha256(logo.png()),
        "it is called what it is"
    );
    assert_eq!(chunks(logo.png()), ["IHDR", "IDAT", "IEND"], "pixels only");
    let picture = image::load_from_memory_with_format(logo.png(), ImageFormat::Png);
    let picture = picture.expect("a PNG").into_rgb8();
    assert_eq!(picture.width(), picture.height());
    assert!(picture.width() <= SIDE);
    picture
}

/// The kinds of chunks of a PNG, neighbours of one kind as one.
fn chunks(png: &[u8]) -> Vec<String> {
    let mut rest = png.get(8..).expect("a signature");
    let mut kinds = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        kinds.push(String::from_utf8_lossy(&after[..4]).into_owned());
        let length = usize::try_from(u32::from_be_bytes(*length)).expect("small");
        rest = &after[4 + length + 4..];
    }
    kinds.dedup();
    kinds
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&kind[..], data].concat();
    // CRC-32 as in PNG, annex D
    let mut crc = u32::MAX;
    for byte in &named {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length[..], &named, &(!crc).to_be_bytes()].concat()
}

/// The beginning of a PNG that says it is this large, and a little of the pixels that it promises.
fn promising(width: u32, height: u32, bits: u8) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[bits, 6, 0, 0, 0],
    ]
    .concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &header),
        chunk(*b"IDAT", &[0x78, 0x9c, 0x63, 0x00, 0x00, 0x00, 0x01]),
        chunk(*b"IEND", &[]),
    ]
    .concat()
}

#[test]
fn each_kind_of_picture_is_drawn_as_a_small_square() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let picture = drawn(&written(plain(600, 600, [15, 81, 50]), format));
        assert_eq!(picture.dimensions(), (256, 256), "{format:?}");
        let Rgb([red, green, blue]) = *picture.get_pixel(128, 128);
        // a JPEG is only nearly what it was
        let near = |got: u8, wanted: u8| got.abs_diff(wanted) <= 3;
        assert!(near(red, 15) && near(green, 81) && near(blue, 50));
    }
}

#[test]
fn a_small_picture_is_not_blown_up() {
    assert_eq!(drawn(&png(plain(1, 1, [9, 9, 9]))).dimensions(), (1, 1));
    assert_eq!(drawn(&png(plain(32, 32, [9, 9, 9]))).dimensions(), (32, 32));
    let bare = RgbaImage::from_pixel(1, 1, Rgba([0, 0, 0, 0]));
    assert_eq!(drawn(&png(bare)).get_pixel(0, 0), &LIGHT_PAPER);
}

#[test]
fn an_opaque_picture_goes_on_to_the_edges_of_the_square() {
    for (width, height) in [(600, 150), (150, 600), (4096, 1), (1, 4096)] {
        let picture = drawn(&png(plain(width, height, [15, 81, 50])));
        assert!(
            picture.pixels().all(|pixel| pixel.0 == [15, 81, 50]),
            "{width} by {height}"
        );
    }
}

#[test]
fn a_transparent_picture_lies_on_paper_that_it_stands_out_from() {
    for (colour, paper) in [
        ([0, 0, 0], LIGHT_PAPER),
        ([15, 81, 50], LIGHT_PAPER),
        ([255, 255, 255], DARK_PAPER),
        ([255, 230, 0], DARK_PAPER),
    ] {
        let picture = drawn(&png(disc(500, colour)));
        assert_eq!(picture.dimensions(), (256, 256));
        assert_eq!(picture.get_pixel(0, 0), &paper, "{colour:?}");
        assert_eq!(picture.get_pixel(128, 4), &paper, "a margin");
        assert_eq!(picture.get_pixel(128, 128).0, colour);
    }
}

#[test]
fn a_tile_with_rounded_corners_needs_no_margin() {
    let mut tile = RgbaImage::from_pixel(400, 400, Rgba([98, 93, 245, 255]));
    for (x, y) in (0..40).flat_map(|x| (0..40).map(move |y| (x, y))) {
        tile.put_pixel(x, y, Rgba([0, 0, 0, 0]));
    }
    let picture = drawn(&png(tile));
    assert_eq!(picture.get_pixel(128, 0).0, [98, 93, 245]);
    assert_eq!(picture.get_pixel(0, 0), &LIGHT_PAPER);
}

#[test]
fn what_is_transparent_bleeds_no_colour() {
    // a green ground that nobody sees, around black
    let hidden = RgbaImage::from_fn(1000, 1000, |x, y| {
        if (300..700).contains(&x) && (300..700).contains(&y) {
            Rgba([0, 0, 0, 255])
        } else {
            Rgba([0, 255, 0, 0])
        }
    });
    for pixel in drawn(&png(hidden)).pixels() {
        let [red, green, blue] = pixel.0;
        assert!(red == green && green == blue, "{pixel:?}");
    }
}

#[test]
fn files_that_are_no_pictures_are_refused_whatever_they_say() {
    let mut gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00".to_vec();
    gif.extend_from_slice(&[0; 40]);
    let mut altered = png(plain(4, 4, [1, 2, 3]));
    altered[1] = b'Q';
    for file in [
        &b""[..],
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"<?xml version=\"1.0\"?><!DOCTYPE svg><svg/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"logo.png",
        b"BM\x46\x00\x00\x00",
        b"%PDF-1.7",
        &gif,
        &altered,
        &[0; 1000],
    ] {
        assert_eq!(Logo::draw(file), Err(LogoProblem::NotAPicture), "{file:?}");
    }
}

#[test]
fn files_that_end_too_early_are_broken() {
    let noisy = RgbImage::from_fn(120, 120, |x, y| {
        let noise = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519);
        Rgb([0, 8, 16].map(|shift| u8::try_from((noise >> shift) & 255).expect("a byte")))
    });
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let file = written(noisy.clone(), format);
        for part in [20, file.len() / 2, file.len() - 20] {
            let result = Logo::draw(&file[..part]);
            assert_eq!(result, Err(LogoProblem::Broken), "{format:?} to {part}");
        }
    }
    let both = [
        &b"\x89PNG\r\n\x1a\n"[..],
        &written(noisy, ImageFormat::Jpeg),
    ]
    .concat();
    assert_eq!(Logo::draw(&both), Err(LogoProblem::Broken));
    assert_eq!(
        Logo::draw(&promising(4, 4, 8)),
        Err(LogoProblem::Broken),
        "pixels are missing"
    );
}

#[test]
fn a_picture_that_would_unfold_is_refused_before_it_does() {
    for (width, height, bits) in [
        (4097, 1, 8),
        (1, 4097, 8),
        (30_000, 30_000, 8),
        (0x7fff_ffff, 0x7fff_ffff, 16),
        // as many pixels as may be, and twice the bytes
        (4096, 4096, 16),
    ] {
        let file = promising(width, height, bits);
        let result = Logo::draw(&file);
        assert_eq!(
            result,
            Err(LogoProblem::TooManyPixels),
            "{width} by {height}, {bits} bits"
        );
    }
    let heavy = vec![0; MOST_BYTES + 1];
    assert_eq!(Logo::draw(&heavy), Err(LogoProblem::TooHeavy));
}

#[test]
fn no_metadata_survives_and_a_photo_stands_upright() {
    // dark above, light below, and a note that it lies on its side
    let photo = RgbImage::from_fn(64, 32, |x, _| {
        Rgb(if x < 32 {
            [20, 20, 20]
        } else {
            [240, 240, 240]
        })
    });
    let jpeg = written(photo, ImageFormat::Jpeg);
    let exif = [
        &b"Exif\0\0II*\0\x08\0\0\0\x02\0"[..],
        // orientation: turn it by 90 degrees
        b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",
        // a description, behind the directory
        b"\x0e\x01\x02\0\x11\0\0\0\x26\0\0\0",
        b"\0\0\0\0",
        b"52.5200N 13.4050E",
    ]
    .concat();
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    let file = [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat();
    let logo = Logo::draw(&file).expect("a logo");
    for part in [&b"Exif"[..], b"52.52", b"JFIF"] {
        assert!(file.windows(part.len()).any(|window| window == part));
        assert!(!logo.png().windows(part.len()).any(|window| window == part));
    }
    let picture = drawn(&file);
    assert_eq!(picture.dimensions(), (64, 64));
    assert!(picture.get_pixel(32, 4).0[0] < 60, "dark above");
    assert!(picture.get_pixel(32, 60).0[0] > 200, "light below");

    let mut noted = png(plain(8, 8, [1, 2, 3]));
    let header = 8 + 4 + 4 + 13 + 4;
    noted.splice(header..header, chunk(*b"tEXt", b"Author\0Mara Lindqvist"));
    assert_eq!(
        Logo::draw(&noted),
        Logo::draw(&png(plain(8, 8, [1, 2, 3]))),
        "the same pixels are the same logo"
    );
}

//! The end user's first page, beside one read of the database: the status of the same link, which is
//! found by one indexed row. Both are asked in turn, so what else the machine does hits both.

use super::{BOTH, below, percentile};
use crate::bench::Bench;
use crate::instance::Plan;
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::Duration;

/// A page has no more bytes, before it is compressed.
const LARGEST: usize = 20 * 1024;

pub(crate) async fn page(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("page");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let rounds = if settings.quick { 100 } else { 1000 };
    for kind in BOTH {
        let plan = Plan::on(below(kind, &kept));
        let bench = Bench::new(settings, &plan).await?;
        let processes = bench.instance.start_all().await?;
        let link = bench.backend.invite("end-user-1").await?;
        report.progress(format_args!("{}: {rounds} pages", kind.word()));
        let (mut pages, mut reads, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..rounds {
            let (took, size) = bench.backend.open(&link).await?;
            pages.push(took);
            bytes = size;
            let (took, _) = bench.backend.open(&format!("{link}/status")).await?;
            reads.push(took);
        }
        Bench::end(processes).await?;
        let (page, read) = (median(pages), median(reads));
        let part = kind.word();
        report.exactly(format!("{part}: the page is small"), bytes < LARGEST, true);
        report.told(format!("{part}: bytes of the page"), bytes);
        report.told(format!("{part}: the page, median"), ms(page));
        report.told(format!("{part}: one read, median"), ms(read));
        let ratio = page.as_secs_f64() / read.as_secs_f64().max(f64::EPSILON);
        report.told(
            format!("{part}: the page to one read"),
            format!("{ratio:.1}"),
        );
    }
    kept.end()?;
    Ok(report.verdict())
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort();
    percentile(&took, 50)
}

//! Writes `.npz`: a ZIP archive of arrays, as `numpy.savez` does.

use std::io::Write;

use super::super::foreign::ABOUT;
use super::super::npy::header;
use super::super::zip::ZipWriter;
use super::Stop;
use super::arrays::Arrays;
use crate::store::Dtype;

pub(super) fn write(arrays: &mut Arrays<'_>, out: &mut impl Write) -> Result<(), Stop> {
    let descr = match arrays.dtype {
        Dtype::F16 => "<f2",
        Dtype::F32 | Dtype::Bf16 => "<f4",
    };
    let mut archive = ZipWriter::new(out);
    let about = arrays.about();
    let mut text = header(&format!("<U{}", about.chars().count()), &[]);
    about.chars().for_each(|letter| text.extend(u32::from(letter).to_le_bytes()));
    archive.add(&format!("{ABOUT}.npy"), &text)?;
    for at in 0..arrays.list.len() {
        let mut bytes = header(descr, &arrays.list[at].shape);
        bytes.extend(arrays.read(at)?);
        archive.add(&format!("{}.npy", arrays.list[at].name), &bytes)?;
    }
    archive.finish()?;
    Ok(())
}

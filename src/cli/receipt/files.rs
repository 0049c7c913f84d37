//! The files of `receipt`: envelopes that are taken in, and what `actions/attest` takes.

use std::path::Path;

use crate::cli::show::Shell;
use crate::error::{Error, ErrorKind};
use crate::git::kept::ToKeep;
use crate::receipt::Receipt;
use crate::receipt::envelope::Delivered;

/// The envelope in a file, or those of a bundle, one a line.
pub fn to_keep(shell: &Shell, path: &Path) -> Result<Vec<ToKeep>, Error> {
    let bytes = std::fs::read(shell.dir().join(path))
        .map_err(|error| Error { kind: ErrorKind::Usage, ..Error::file("read", path, &error) })?;
    let wrong = |why: String| {
        let help = "name an envelope of DSSE, a bundle with one, or what `receipt --export` wrote";
        Error::usage(format!("`{}`: {why}", path.display()), help)
    };
    let read = |bytes: &[u8]| -> Result<ToKeep, String> {
        let receipt = Receipt::parse(&Delivered::parse(bytes)?.payload)?;
        Ok(ToKeep { about: receipt.commit, bytes: bytes.to_vec() })
    };
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    match read(&bytes) {
        Ok(one) => Ok(vec![one]),
        Err(_) if lines.len() > 1 => lines.into_iter().map(read).collect::<Result<_, _>>().map_err(wrong),
        Err(why) => Err(wrong(why)),
    }
}

/// The two files of each that `actions/attest` takes.
pub fn attest(folder: &Path, made: &[Receipt]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::file("make", folder, &error))?;
    for one in made {
        let statement = one.clone().statement();
        let subjects: String =
            statement.subject.iter().map(|subject| format!("{}  {}\n", subject.digest.sha256, subject.name)).collect();
        write(&folder.join(format!("{}.subjects", one.commit)), subjects.as_bytes())?;
        let predicate = serde_json::to_vec(&statement.predicate).unwrap_or_default();
        write(&folder.join(format!("{}.predicate.json", one.commit)), &predicate)?;
    }
    Ok(())
}

pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|error| Error::file("write", path, &error))
}

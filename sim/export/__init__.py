"""Results for an archive: a folder for CoMSES that is an RO-Crate, with its ODD document."""

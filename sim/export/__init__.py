"""Results as others archive them: a folder for CoMSES that is an RO-Crate, with its ODD document."""

//! What a file has beside its text, mode and owner: extended attributes, access control lists among them. A file that
//! takes another's place is to have the same.
//!
//! Linux alone: elsewhere such attributes are mostly the system's own, and copying them is refused or means something
//! else.

#[cfg(not(target_os = "linux"))]
pub(super) fn keep(_of: &std::fs::File, _on: &std::fs::File) -> Result<bool, crate::outcome::Problem> {
    Ok(false)
}

#[cfg(target_os = "linux")]
pub(super) use linux::keep;

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{CStr, CString};
    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, fgetxattr_query, flistxattr, flistxattr_query, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    use crate::outcome::{Problem, in_words};

    /// Measurements and rights of one content; the system takes them anew or refuses the file.
    const OF_THE_TEXT: [&CStr; 3] = [c"security.ima", c"security.evm", c"security.capability"];

    /// Gives a new file the attributes of the one whose place it is to take, and takes those that the folder gave it and
    /// the other does not have. Says whether there was any to give or take: an access control list changes the mode, too.
    ///
    /// # Errors
    /// When one cannot be kept. Labels of the system's own security are tried only: it labels new files by its rules.
    pub(crate) fn keep(of: &File, on: &File) -> Result<bool, Problem> {
        let (wanted, has) = (names(of), names(on));
        let mut is_adapted = false;
        for name in has.iter().filter(|name| is_kept(name) && !wanted.contains(name)) {
            let removed = fremovexattr(on, name.as_c_str());
            told(name, removed)?;
            is_adapted = true;
        }
        for name in wanted.iter().filter(|name| is_kept(name)) {
            let Some(value) = value(of, name) else { continue };
            if has.contains(name) && self::value(on, name).as_ref() == Some(&value) {
                continue;
            }
            told(name, fsetxattr(on, name.as_c_str(), &value, XattrFlags::empty()))?;
            is_adapted = true;
        }
        Ok(is_adapted)
    }

    fn is_kept(name: &CStr) -> bool {
        !OF_THE_TEXT.contains(&name)
    }

    fn told(name: &CStr, result: Result<(), Errno>) -> Result<(), Problem> {
        match result {
            Err(error) if !name.to_bytes().starts_with(b"security.") => {
                let name = name.to_string_lossy();
                let what = if name == "system.posix_acl_access" {
                    "access control list".to_owned()
                } else {
                    format!("attribute {name}")
                };
                let error = in_words(&io::Error::from(error));
                let problem = Problem::new(format!("not written: its {what} could not be kept: {error}"));
                Err(problem.with_help("take it from the file, or run as its owner"))
            }
            _ => Ok(()),
        }
    }

    /// The names of the attributes; none where the file system has no such thing. For most files one call.
    fn names(file: &File) -> Vec<CString> {
        // They may grow between the two calls.
        for _ in 0..4 {
            let length = match flistxattr_query(file) {
                Ok(0) | Err(_) => return Vec::new(),
                Ok(length) => length,
            };
            let mut list = vec![0; length];
            match flistxattr(file, list.as_mut_slice()) {
                Ok(length) => {
                    let names = list[..length].split_inclusive(|byte| *byte == 0);
                    return names
                        .filter_map(|name| CStr::from_bytes_with_nul(name).ok())
                        .map(CStr::to_owned)
                        .collect();
                }
                Err(Errno::RANGE) => {}
                Err(_) => break,
            }
        }
        Vec::new()
    }

    /// `None` where it is gone meanwhile, or not to be read.
    fn value(file: &File, name: &CStr) -> Option<Vec<u8>> {
        for _ in 0..4 {
            let mut value = vec![0; fgetxattr_query(file, name).ok()?];
            if value.is_empty() {
                return Some(value);
            }
            match fgetxattr(file, name, value.as_mut_slice()) {
                Ok(length) => {
                    value.truncate(length);
                    return Some(value);
                }
                Err(Errno::RANGE) => {}
                Err(_) => break,
            }
        }
        None
    }
}

//! One private file of JSON: read, changed, written whole. Somebody else may write meanwhile; then it is
//! changed again as it stands.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OfficeError;
use crate::store::private::{Private, PrivateError};

/// How often a change is made again when another was written meanwhile.
const MOST_TRIES: u32 = 5;

/// What the file holds; nothing where there is none.
pub(super) fn read<T: DeserializeOwned + Default>(
    private: &dyn Private,
    file: &str,
) -> Result<T, OfficeError> {
    parsed(file, private.get(file)?.as_deref())
}

/// Changes the file; durable when it returns. Nothing is written where nothing changed, and a file that
/// holds nothing any more goes.
pub(super) fn change<T, A>(
    private: &dyn Private,
    file: &str,
    change: impl Fn(&mut T) -> Result<A, OfficeError>,
) -> Result<A, OfficeError>
where
    T: Serialize + DeserializeOwned + Default + Clone + PartialEq,
{
    for _ in 0..MOST_TRIES {
        let before = private.get(file)?;
        let mut held: T = parsed(file, before.as_deref())?;
        let unchanged = held.clone();
        let answer = change(&mut held)?;
        if held == unchanged {
            return Ok(answer);
        }
        let after = match held == T::default() {
            true => None,
            false => Some(serde_json::to_vec(&held).map_err(|e| unreadable(file, &e))?),
        };
        match private.swap(file, before.as_deref(), after.as_deref()) {
            Err(PrivateError::Changed(_)) => {}
            Err(other) => return Err(other.into()),
            Ok(()) => return Ok(answer),
        }
    }
    Err(OfficeError::Busy)
}

fn parsed<T: DeserializeOwned + Default>(
    file: &str,
    bytes: Option<&[u8]>,
) -> Result<T, OfficeError> {
    match bytes {
        None => Ok(T::default()),
        Some(bytes) => serde_json::from_slice(bytes).map_err(|e| unreadable(file, &e)),
    }
}

fn unreadable(file: &str, error: &serde_json::Error) -> OfficeError {
    OfficeError::Stopped(format!("{file}: {error}"))
}

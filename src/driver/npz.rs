//! Named arrays in NumPy's `.npz`: a zip file with one `.npy` member an array.
//!
//! Test vectors come from anywhere, so sizes are believed only as far as bytes really
//! follow: no header makes the reader allocate more than the data that is there.
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const MAGIC: &[u8] = b"\x93NUMPY";
/// Headers are one short Python dict; NumPy itself stays below 64 KiB (version 1).
const MAX_HEADER: usize = 1 << 16;
/// The most that a member may unpack to: a small zip file can hold terabytes of zeros.
const MAX_MEMBER: u64 = 4 << 30;

/// What can go wrong with a `.npz` file.
#[derive(Debug, Error)]
pub enum NpzError {
    /// The file could not be opened, read or written.
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    /// The file is not a zip archive, or a broken one.
    #[error("{path}: not a readable .npz (zip) file: {source}")]
    Zip { path: String, source: zip::result::ZipError },
    /// One member is not an array that can be read.
    #[error("{path}: array '{member}': {reason}")]
    Member { path: String, member: String, reason: String },
}

/// One `.npy` member that cannot be read, and why.
#[derive(Debug, Error, PartialEq)]
#[error("{0}")]
pub struct NpyError(String);

type NpyResult<T> = Result<T, NpyError>;

fn bad<T>(reason: impl Into<String>) -> NpyResult<T> {
    Err(NpyError(reason.into()))
}

/// An element type as `.npy` stores it, always little-endian here.
trait Element: Copy + Sized {
    /// The `descr` entry of the header.
    const DESCR: &'static str;
    const BYTES: usize;
    fn decode(bytes: &[u8]) -> Option<Self>;
    fn encode(self, out: &mut Vec<u8>);
}

macro_rules! number_element {
    ($($ty:ty: $descr:literal),*) => {$(
        impl Element for $ty {
            const DESCR: &'static str = $descr;
            const BYTES: usize = size_of::<$ty>();
            fn decode(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(<$ty>::from_le_bytes)
            }
            fn encode(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
number_element!(f32: "<f4", f64: "<f8", i64: "<i8", i32: "<i4", i16: "<i2", i8: "|i1",
                u64: "<u8", u32: "<u4", u16: "<u2", u8: "|u1");

impl Element for bool {
    const DESCR: &'static str = "|b1";
    const BYTES: usize = 1;
    fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.first().map(|&byte| byte != 0)
    }
    fn encode(self, out: &mut Vec<u8>) {
        out.push(self.into());
    }
}

/// What a generic function over the element types of [`Array`] looks like.
macro_rules! array_types {
    ($($variant:ident: $ty:ty),*) => {
        /// An array with its element type.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each variant is named after its element type")]
        pub enum Array {
            $($variant(ArrayD<$ty>)),*
        }

        $(impl From<ArrayD<$ty>> for Array {
            fn from(array: ArrayD<$ty>) -> Self {
                Array::$variant(array)
            }
        })*

        impl Array {
            /// The length of each axis; empty for a scalar.
            pub fn shape(&self) -> &[usize] {
                match self {
                    $(Array::$variant(array) => array.shape()),*
                }
            }

            /// The element type as NumPy writes it, such as `<f4`.
            pub fn descr(&self) -> &'static str {
                match self {
                    $(Array::$variant(_) => <$ty>::DESCR),*
                }
            }

            fn decode(header: &Header, data: &[u8]) -> NpyResult<Self> {
                $(if header.descr == <$ty>::DESCR {
                    return decode::<$ty>(header, data).map(Array::$variant);
                })*
                bad(format!("element type '{}' is not supported", header.descr))
            }

            fn encode(&self, out: &mut Vec<u8>) {
                match self {
                    $(Array::$variant(array) => array.iter().for_each(|&x| x.encode(out))),*
                }
            }
        }
    };
}
array_types!(F32: f32, F64: f64, I64: i64, I32: i32, I16: i16, I8: i8,
             U64: u64, U32: u32, U16: u16, U8: u8, Bool: bool);

impl Array {
    /// The elements in row-major order as float64; exact but for integers beyond 2^53.
    pub fn to_f64(&self) -> Vec<f64> {
        match self {
            Array::F32(a) => a.iter().map(|&x| x.into()).collect(),
            Array::F64(a) => a.iter().copied().collect(),
            Array::I64(a) => a.iter().map(|&x| x as f64).collect(),
            Array::I32(a) => a.iter().map(|&x| x.into()).collect(),
            Array::I16(a) => a.iter().map(|&x| x.into()).collect(),
            Array::I8(a) => a.iter().map(|&x| x.into()).collect(),
            Array::U64(a) => a.iter().map(|&x| x as f64).collect(),
            Array::U32(a) => a.iter().map(|&x| x.into()).collect(),
            Array::U16(a) => a.iter().map(|&x| x.into()).collect(),
            Array::U8(a) => a.iter().map(|&x| x.into()).collect(),
            Array::Bool(a) => a.iter().map(|&x| x.into()).collect(),
        }
    }

    /// Reads the bytes of one `.npy` file.
    ///
    /// # Errors
    /// If the bytes are no `.npy`, hold another type than numbers and booleans, or if the
    /// data is shorter or longer than the shape says.
    pub fn from_npy(bytes: &[u8]) -> Result<Self, NpyError> {
        let (header, data) = Header::split(bytes)?;
        Self::decode(&header, data)
    }

    /// Writes the bytes of one `.npy` file (version 1, row-major).
    pub fn to_npy(&self) -> Vec<u8> {
        let dims: String = self.shape().iter().map(|d| format!("{d}, ")).collect();
        let dict = format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", self.descr(), dims.trim_end());
        // The data starts at a multiple of 64: magic, version and length take 10 bytes.
        let length = (10 + dict.len() + 1).next_multiple_of(64) - 10;
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&[1, 0]);
        out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
        out.extend_from_slice(format!("{dict:<width$}\n", width = length - 1).as_bytes());
        self.encode(&mut out);
        out
    }
}

/// The Python dict in front of the data.
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// The header and the data behind it.
    fn split(bytes: &[u8]) -> NpyResult<(Self, &[u8])> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return bad("not a .npy file: the magic bytes are missing");
        };
        let (length, rest) = match rest {
            [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
            [2 | 3, _, a, b, c, d, rest @ ..] => {
                let length = u32::from_le_bytes([*a, *b, *c, *d]);
                (usize::try_from(length).unwrap_or(usize::MAX), rest)
            }
            _ => return bad("unknown .npy version (expected 1, 2 or 3)"),
        };
        if length > MAX_HEADER {
            return bad(format!("header of {length} bytes (at most {MAX_HEADER})"));
        }
        let Some((text, data)) = rest.split_at_checked(length) else {
            return bad("the file ends within the header");
        };
        match std::str::from_utf8(text).ok().and_then(Self::parse) {
            Some(header) => Ok((header, data)),
            None => bad("the header is not the dict that NumPy writes (descr, fortran_order, shape)"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let descr = value(text, "descr")?;
        let order = value(text, "fortran_order")?;
        let (dims, _) = value(text, "shape")?.strip_prefix('(')?.split_once(')')?;
        let dims = dims.split(',').map(str::trim).filter(|d| !d.is_empty());
        Some(Header {
            descr: descr.strip_prefix('\'')?.split_once('\'')?.0.to_owned(),
            fortran_order: order.starts_with("True"),
            shape: dims.map(|d| d.parse().ok()).collect::<Option<_>>()?,
        })
    }
}

/// The text that follows `'key':`.
fn value<'t>(dict: &'t str, key: &str) -> Option<&'t str> {
    let (_, rest) = dict.split_once(&format!("'{key}':"))?;
    Some(rest.trim_start())
}

fn decode<T: Element>(header: &Header, data: &[u8]) -> NpyResult<ArrayD<T>> {
    let shape = &header.shape;
    let bytes = shape.iter().try_fold(T::BYTES, |total, &dim| total.checked_mul(dim));
    if bytes != Some(data.len()) {
        let found = data.len();
        return bad(format!("shape {shape:?} of '{}' does not fit the {found} bytes of data", T::DESCR));
    }
    let elements: Option<Vec<T>> = data.chunks_exact(T::BYTES).map(T::decode).collect();
    let shape = IxDyn(shape).set_f(header.fortran_order);
    let array = elements.and_then(|e| ArrayD::from_shape_vec(shape, e).ok());
    array.ok_or_else(|| NpyError(format!("shape {:?} is not usable", header.shape)))
}

/// Arrays by name, as `numpy.savez` writes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NamedArrays(pub BTreeMap<String, Array>);

impl NamedArrays {
    /// The array of this name.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.0.get(name)
    }

    /// Adds an array, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<String>, array: impl Into<Array>) {
        self.0.insert(name.into(), array.into());
    }

    /// `prefix0`, `prefix1`, … up to the first that is missing, in that order.
    pub fn numbered<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Array> {
        (0..).map_while(move |k| self.get(&format!("{prefix}{k}")))
    }

    /// Reads all arrays of a `.npz` file, compressed or not.
    ///
    /// # Errors
    /// If the file can't be read, is no zip archive, or a member is no array of numbers.
    pub fn read(path: &Path) -> Result<Self, NpzError> {
        let name = path.display().to_string();
        let zip_error = |source| NpzError::Zip { path: name.clone(), source };
        let file = File::open(path).map_err(|source| NpzError::Io { path: name.clone(), source })?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(zip_error)?;
        let mut arrays = NamedArrays::default();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(zip_error)?;
            let member = entry.name().map_err(zip_error)?.trim_end_matches(".npy").to_owned();
            let array = read_member(&mut entry).map_err(|reason| NpzError::Member {
                path: name.clone(),
                member: member.clone(),
                reason,
            })?;
            arrays.insert(member, array);
        }
        Ok(arrays)
    }

    /// Writes the arrays as `numpy.savez` does, uncompressed.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn write(&self, path: &Path) -> Result<(), NpzError> {
        self.write_to(path).map_err(|source| NpzError::Io { path: path.display().to_string(), source })
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let mut archive = ZipWriter::new(BufWriter::new(File::create(path)?));
        for (name, array) in &self.0 {
            let bytes = array.to_npy();
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored)
                .large_file(bytes.len() >= u32::MAX as usize);
            archive.start_file(format!("{name}.npy"), options)?;
            archive.write_all(&bytes)?;
        }
        archive.finish()?.flush()
    }
}

fn read_member(entry: &mut impl Read) -> Result<Array, String> {
    let mut bytes = Vec::new();
    let mut limited = entry.take(MAX_MEMBER + 1);
    limited.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_MEMBER {
        return Err(format!("unpacks to more than {MAX_MEMBER} bytes"));
    }
    Array::from_npy(&bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr0, arr2};

    fn sample() -> NamedArrays {
        let mut arrays = NamedArrays::default();
        arrays.insert("in0", arr2(&[[1.5f32, -0.0], [f32::INFINITY, 3.0]]).into_dyn());
        arrays.insert("out0", arr0(-7i64).into_dyn());
        arrays.insert("out1", ArrayD::<bool>::from_elem(IxDyn(&[3]), true));
        arrays.insert("out2", ArrayD::<u8>::zeros(IxDyn(&[0, 4])));
        arrays
    }

    #[test]
    fn written_arrays_are_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.npz");
        sample().write(&path).unwrap();
        assert_eq!(NamedArrays::read(&path).unwrap(), sample());
        assert_eq!(sample().numbered("out").count(), 3);
    }

    #[test]
    fn fortran_order_is_column_major() {
        let mut npy = Array::from(arr2(&[[1i8, 2], [3, 4]]).into_dyn()).to_npy();
        let text = String::from_utf8_lossy(&npy).replace("False", "True ");
        let at = text.find("True").unwrap() - 2; // the lossy magic byte takes 3 bytes
        npy[at..at + 5].copy_from_slice(b"True ");
        let expected = arr2(&[[1i8, 3], [2, 4]]).into_dyn();
        assert_eq!(Array::from_npy(&npy).unwrap(), expected.into());
    }

    #[test]
    fn data_starts_at_a_multiple_of_64_bytes() {
        let npy = Array::from(ArrayD::<f64>::zeros(IxDyn(&[5, 6, 7]))).to_npy();
        assert_eq!(npy.len() % 64, (5 * 6 * 7 * 8) % 64);
    }

    #[test]
    fn a_shape_beyond_the_data_is_an_error_without_allocation() {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999, 99999), }\n";
        let mut npy = MAGIC.to_vec();
        npy.extend_from_slice(&[1, 0, text.len() as u8, 0]);
        npy.extend_from_slice(text.as_bytes());
        let error = Array::from_npy(&npy).unwrap_err().to_string();
        assert!(error.contains("does not fit"), "{error}");
    }

    #[test]
    fn every_truncation_and_bit_flip_is_an_error_or_an_array() {
        let npy = Array::from(arr2(&[[1f32, 2.0], [3.0, 4.0]]).into_dyn()).to_npy();
        for end in 0..npy.len() {
            assert!(Array::from_npy(&npy[..end]).is_err(), "cut at {end}");
        }
        for bit in 0..npy.len() * 8 {
            let mut broken = npy.clone();
            broken[bit / 8] ^= 1 << (bit % 8);
            let _ = Array::from_npy(&broken);
        }
    }

    #[test]
    fn a_file_that_is_no_zip_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.npz");
        std::fs::write(&path, b"<html>").unwrap();
        let error = NamedArrays::read(&path).unwrap_err().to_string();
        assert!(error.contains("x.npz: not a readable .npz"), "{error}");
    }

    #[test]
    fn object_arrays_are_refused() {
        let text = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n";
        let mut npy = MAGIC.to_vec();
        npy.extend_from_slice(&[1, 0, text.len() as u8, 0]);
        npy.extend_from_slice(text.as_bytes());
        let error = Array::from_npy(&npy).unwrap_err().to_string();
        assert_eq!(error, "element type '|O' is not supported");
    }
}

//! Forms, as a server reads them: urlencoded and multipart.

use super::server::Request;

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub file_name: Option<String>,
    pub mime: Option<String>,
    pub bytes: Vec<u8>,
}

impl Field {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    pub fn is_file(&self) -> bool {
        self.file_name.is_some()
    }
}

/// The fields of a body, in order.
pub fn fields(request: &Request) -> Result<Vec<Field>, String> {
    let kind = request.header("content-type").unwrap_or("");
    if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs = url::form_urlencoded::parse(&request.body);
        return Ok(pairs
            .map(|(name, value)| Field {
                name: name.into_owned(),
                file_name: None,
                mime: None,
                bytes: value.into_owned().into_bytes(),
            })
            .collect());
    }
    if let Some((_, boundary)) = kind.split_once("boundary=") {
        return multipart(&request.body, boundary.trim_matches('"'));
    }
    if request.body.is_empty() {
        return Ok(Vec::new());
    }
    Err(format!("a body of type «{kind}» is no form"))
}

fn multipart(body: &[u8], boundary: &str) -> Result<Vec<Field>, String> {
    let mark = format!("--{boundary}");
    let mut rest = cut(body, mark.as_bytes()).ok_or("no boundary")?.1;
    let mut fields = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(fields);
        }
        rest = rest
            .strip_prefix(b"\r\n")
            .ok_or("no line after a boundary")?;
        let (head, after) = cut(rest, b"\r\n\r\n").ok_or("a part without a head")?;
        let end = format!("\r\n{mark}");
        let (bytes, after) = cut(after, end.as_bytes()).ok_or("a part without an end")?;
        rest = after;
        let head = String::from_utf8_lossy(head);
        let attribute = |name: &str| {
            let (_, value) = head.split_once(&format!(" {name}=\""))?;
            Some(value.split('"').next()?.to_owned())
        };
        let mime = head.lines().find_map(|l| {
            l.strip_prefix("Content-Type: ")
                .or(l.strip_prefix("content-type: "))
        });
        fields.push(Field {
            name: attribute("name").ok_or("a part without a name")?,
            file_name: attribute("filename"),
            mime: mime.map(str::to_owned),
            bytes: bytes.to_vec(),
        });
    }
}

fn cut<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes.windows(at.len()).position(|w| w == at)?;
    Some((&bytes[..found], &bytes[found + at.len()..]))
}

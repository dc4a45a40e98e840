//! One value of a TOML text set, taken away, or one table put in or taken out; every other byte stays
//! where it is. Pure.
//!
//! The text is read for its spans and cut there, rather than written anew from a tree: line ends, the
//! order of dotted keys and whatever a person lined up stay as they are. (`toml_edit` 0.25 writes CRLF
//! anew as LF.)

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The text is no TOML, or is written in a way that is not cut: an inline table of channels, a key
/// written with dots. What it means is clear, but not where another line would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odd;

/// Which table of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    /// The file itself.
    Root,
    /// `[NAME]`.
    Table(&'a str),
    /// The `[[LIST]]` with this id.
    Entry(&'a str, &'a str),
    /// A table within such an entry.
    Within(&'a str, &'a str, &'a str),
}

/// Sets `key` to `value`, which is TOML.
pub(super) fn set(text: &str, spot: Spot<'_>, key: &str, value: &str) -> Result<String, Odd> {
    let document = parse(text)?;
    let table = find(document.get_ref(), spot).ok_or(Odd)?;
    let form = form(text, &table);
    if let Some((_, there)) = own(text, table.table).find(|(k, _)| text.get(k.clone()) == Some(key))
    {
        return Ok(cut(text, there, value));
    }
    if table.table.contains_key(key) {
        // A table of its own, or dotted: its keys are set one by one.
        return Err(Odd);
    }
    let last = own(text, table.table).map(|(_, v)| v.end).max();
    let line = format!("{key} = {value}");
    Ok(match form {
        Form::Lines => {
            let at = match (last, &table.header) {
                (Some(end), _) => line_end(text, end),
                (None, Some(header)) => line_end(text, header.end),
                (None, None) => 0,
            };
            insert_line(text, at, &line)
        }
        Form::Inline(braces) => match last {
            Some(end) => cut(text, end..end, &format!(", {line}")),
            None => cut(text, braces, &format!("{{ {line} }}")),
        },
        Form::Dotted => return Err(Odd),
    })
}

/// Takes `key` away, with the comment on its line.
pub(super) fn unset(text: &str, spot: Spot<'_>, key: &str) -> Result<String, Odd> {
    let document = parse(text)?;
    let table = find(document.get_ref(), spot).ok_or(Odd)?;
    let Some((name, value)) = table.table.get_key_value(key) else {
        return Ok(text.to_owned());
    };
    if let Some(header) = header_of(text, value) {
        let inner = value.get_ref().as_table().ok_or(Odd)?;
        let nested = inner.iter().any(|(_, v)| header_of(text, v).is_some());
        let end = own(text, inner).map(|(_, v)| v.end).max();
        let end = end.unwrap_or(header.end);
        return match nested {
            true => Err(Odd),
            false => Ok(without_lines(text, line_start(text, header.start), end)),
        };
    }
    let found = own(text, table.table).find(|(k, _)| *k == name.span());
    let (name, value) = found.ok_or(Odd)?;
    match form(text, &table) {
        Form::Lines => {
            let start = line_start(text, name.start);
            let alone = text[start..name.start].trim().is_empty();
            let rest = text[value.end..line_end(text, value.end)].trim();
            if !alone || !(rest.is_empty() || rest.starts_with('#')) {
                return Err(Odd);
            }
            Ok(cut(text, start..line_end(text, value.end), ""))
        }
        Form::Inline(_) => {
            let mut others: Vec<_> = own(text, table.table).collect();
            others.sort_by_key(|(k, _)| k.start);
            let before = others.iter().rfind(|(_, v)| v.end <= name.start);
            let behind = others.iter().find(|(k, _)| k.start >= value.end);
            let range = match (before, behind) {
                (Some((_, v)), _) => v.end..value.end,
                (None, Some((k, _))) => name.start..k.start,
                (None, None) => name.start..value.end,
            };
            Ok(cut(text, range, ""))
        }
        Form::Dotted => Err(Odd),
    }
}

/// Puts a `[[list]]` of these lines behind the others of its list, else at the end.
pub(super) fn put_in(text: &str, list: &str, lines: &[String]) -> Result<String, Odd> {
    let document = parse(text)?;
    let at = match document.get_ref().get(list) {
        None => text.len(),
        Some(value) => {
            let entries = value.get_ref().as_array().ok_or(Odd)?;
            let last = entries.iter().last().ok_or(Odd)?;
            let table = last.get_ref().as_table().ok_or(Odd)?;
            let header = header_of(text, last).ok_or(Odd)?;
            line_end(text, deep_end(table).max(header.end))
        }
    };
    let nl = line_break(text);
    let (before, behind) = text.split_at(at);
    let mut new = before.to_owned();
    if !new.is_empty() {
        if !new.ends_with('\n') {
            new.push_str(nl);
        }
        new.push_str(nl);
    }
    new.push_str(&format!("[[{list}]]{nl}"));
    for line in lines {
        // A text of several lines keeps its own line breaks: they are part of it.
        new.push_str(line);
        new.push_str(nl);
    }
    if !behind.is_empty() && !behind.starts_with(['\n', '\r']) {
        new.push_str(nl);
    }
    new.push_str(behind);
    Ok(new)
}

/// Takes the `[[list]]` with this id out, from its header to its last value. The comments above and
/// below stay: nobody can tell for sure that they are about it alone.
pub(super) fn take_out(text: &str, list: &str, id: &str) -> Result<String, Odd> {
    let document = parse(text)?;
    let table = find(document.get_ref(), Spot::Entry(list, id)).ok_or(Odd)?;
    let header = table.header.clone().ok_or(Odd)?;
    if form(text, &table) != Form::Lines {
        return Err(Odd);
    }
    let end = deep_end(table.table).max(header.end);
    Ok(without_lines(text, line_start(text, header.start), end))
}

/// The lines, from 0 on, on which each key of a table stands, and its header's.
pub(super) fn lines(text: &str, spot: Spot<'_>) -> Vec<(Option<String>, Range<usize>)> {
    let Ok(document) = parse(text) else {
        return Vec::new();
    };
    let Some(found) = find(document.get_ref(), spot) else {
        return Vec::new();
    };
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count();
    let mut all = vec![(
        None,
        found
            .header
            .map_or(0..1, |h| line(h.start)..line(h.end) + 1),
    )];
    all.extend(found.table.iter().map(|(key, value)| {
        let inner = value.get_ref().as_table().map(deep_end);
        let end = value.span().end.max(inner.unwrap_or(0));
        let start = key.span().start.min(value.span().start);
        (Some(key.get_ref().to_string()), line(start)..line(end) + 1)
    }));
    all
}

struct Found<'d> {
    table: &'d DeTable<'d>,
    /// Where `[…]`, `[[…]]` or `{…}` stands; the file itself has none.
    header: Option<Range<usize>>,
}

/// How a table is written.
#[derive(Debug, PartialEq)]
enum Form {
    /// Under a header, one key a line.
    Lines,
    /// `{ a = 1 }`.
    Inline(Range<usize>),
    /// `table.a = 1`.
    Dotted,
}

fn parse(text: &str) -> Result<toml::Spanned<DeTable<'_>>, Odd> {
    DeTable::parse(text).map_err(|_| Odd)
}

fn find<'d>(document: &'d DeTable<'d>, spot: Spot<'_>) -> Option<Found<'d>> {
    let of = |value: &'d toml::Spanned<DeValue<'d>>| {
        Some(Found {
            table: value.get_ref().as_table()?,
            header: Some(value.span()),
        })
    };
    match spot {
        Spot::Root => Some(Found {
            table: document,
            header: None,
        }),
        Spot::Table(name) => of(document.get(name)?),
        Spot::Entry(list, id) => {
            let mut entries = document.get(list)?.get_ref().as_array()?.iter();
            let has_id = |table: &DeTable<'_>| {
                let found = table.get("id").and_then(|v| v.get_ref().as_str());
                found == Some(id)
            };
            of(entries.find(|e| e.get_ref().as_table().is_some_and(has_id))?)
        }
        Spot::Within(list, id, name) => {
            of(find(document, Spot::Entry(list, id))?.table.get(name)?)
        }
    }
}

fn form(text: &str, found: &Found<'_>) -> Form {
    let Some(header) = &found.header else {
        return Form::Lines;
    };
    match text.as_bytes().get(header.start) {
        Some(b'[') => Form::Lines,
        Some(b'{') => Form::Inline(header.clone()),
        _ => Form::Dotted,
    }
}

/// The header of a table that has one of its own.
fn header_of(text: &str, value: &toml::Spanned<DeValue<'_>>) -> Option<Range<usize>> {
    let span = value.span();
    let headed = value.get_ref().is_table() && text.as_bytes().get(span.start) == Some(&b'[');
    headed.then_some(span)
}

/// The values that stand among a table's own lines: where their keys are, and they. Neither tables with
/// headers of their own, nor dotted ones.
fn own<'t>(
    text: &'t str,
    table: &'t DeTable<'t>,
) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + 't {
    table.iter().filter_map(|(key, value)| {
        let span = value.span();
        let first = text.as_bytes().get(span.start);
        let apart = match value.get_ref() {
            DeValue::Table(_) => first != Some(&b'{'),
            // [[…]] of tables under headers
            DeValue::Array(list) => list.iter().any(|e| header_of(text, e).is_some()),
            _ => false,
        };
        (!apart).then(|| (key.span(), span))
    })
}

/// Where the last value of a table ends, those of its tables among them.
fn deep_end(table: &DeTable<'_>) -> usize {
    let ends = table.iter().map(|(_, value)| {
        let within = match value.get_ref() {
            DeValue::Table(table) => deep_end(table),
            DeValue::Array(list) => {
                let tables = list
                    .iter()
                    .filter_map(|e| Some((e, e.get_ref().as_table()?)));
                let ends = tables.map(|(e, t)| deep_end(t).max(e.span().end));
                ends.max().unwrap_or(0)
            }
            _ => 0,
        };
        within.max(value.span().end)
    });
    ends.max().unwrap_or(0)
}

fn cut(text: &str, range: Range<usize>, instead: &str) -> String {
    format!("{}{instead}{}", &text[..range.start], &text[range.end..])
}

/// Takes whole lines out, and one of two blank lines that then follow one another, or a blank one that
/// would then end the text.
fn without_lines(text: &str, start: usize, last: usize) -> String {
    let (mut start, mut end) = (start, line_end(text, last));
    let nl = line_break(text);
    let blank_before = text[..start].is_empty() || text[..start].ends_with(&nl.repeat(2));
    let next = line_end(text, end);
    if blank_before && next > end && text[end..next].trim().is_empty() {
        end = next;
    } else if blank_before && start > 0 && end == text.len() {
        start -= nl.len();
    }
    cut(text, start..end, "")
}

fn insert_line(text: &str, at: usize, line: &str) -> String {
    let nl = line_break(text);
    let open = at > 0 && !text[..at].ends_with('\n');
    let before = if open { nl } else { "" };
    cut(text, at..at, &format!("{before}{line}{nl}"))
}

fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |i| i + 1)
}

/// Behind the line's break.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |i| at + i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# đầu tệp\n[office] # cơ quan\nname = \"A\"   # tên\n\n# nhóm\n[[channels]]\nid = \"a\"\nlist = [\n  \"x\", # một\n]\n[channels.utm]\nsource = \"f\"\n# sau\n\n[[channels]]\nid = \"b\"\nutm = { source = \"q\", medium = \"m\" }\n\n# cuối\n[[topics]]\nid = \"t\"\n";

    fn changed(new: &str) -> (Vec<&str>, Vec<&str>) {
        let gone = TEXT.lines().filter(|l| !new.lines().any(|n| n == *l));
        let come = new.lines().filter(|l| !TEXT.lines().any(|n| n == *l));
        (gone.collect(), come.collect())
    }

    #[test]
    fn a_value_is_set_where_it_stands_and_nothing_else_moves() {
        let new = set(TEXT, Spot::Table("office"), "name", "\"B\"").unwrap();
        let (gone, come) = changed(&new);
        assert_eq!(gone, ["name = \"A\"   # tên"]);
        assert_eq!(come, ["name = \"B\"   # tên"]);
        let new = set(TEXT, Spot::Entry("channels", "a"), "mode", "\"log\"").unwrap();
        assert!(new.contains("]\nmode = \"log\"\n[channels.utm]"), "{new}");
        let new = set(TEXT, Spot::Entry("channels", "a"), "list", "[]").unwrap();
        assert!(
            new.contains("id = \"a\"\nlist = []\n[channels.utm]"),
            "{new}"
        );
        let new = set(
            TEXT,
            Spot::Within("channels", "a", "utm"),
            "medium",
            "\"z\"",
        )
        .unwrap();
        assert!(
            new.contains("source = \"f\"\nmedium = \"z\"\n# sau"),
            "{new}"
        );
        let new = set(TEXT, Spot::Within("channels", "b", "utm"), "id", "\"z\"").unwrap();
        assert!(new.contains("medium = \"m\", id = \"z\" }"), "{new}");
        let dotted = "[[channels]]\nid = \"a\"\nutm.source = \"x\"\n";
        let odd = set(dotted, Spot::Within("channels", "a", "utm"), "id", "\"z\"");
        assert_eq!(odd, Err(Odd));
    }

    #[test]
    fn what_is_taken_away_takes_nothing_with_it() {
        let new = unset(TEXT, Spot::Entry("channels", "a"), "utm").unwrap();
        assert_eq!(changed(&new).0, ["[channels.utm]", "source = \"f\""]);
        for (key, left) in [
            ("source", "{ medium = \"m\" }"),
            ("medium", "{ source = \"q\" }"),
        ] {
            let new = unset(TEXT, Spot::Within("channels", "b", "utm"), key).unwrap();
            assert!(new.contains(left), "{new}");
        }
        let new = take_out(TEXT, "channels", "a").unwrap();
        for kept in ["# nhóm", "# sau", "id = \"b\"", "# cuối"] {
            assert!(new.contains(kept), "{new}");
        }
        assert!(!new.contains("[channels.utm]"), "{new}");
        let new = take_out(TEXT, "topics", "t").unwrap();
        assert!(new.ends_with("# cuối\n"), "{new}");
    }

    #[test]
    fn a_table_is_put_behind_its_like() {
        let line = ["id = \"n\"".to_owned()];
        let new = put_in(TEXT, "channels", &line).unwrap();
        assert!(
            new.contains("\"m\" }\n\n[[channels]]\nid = \"n\"\n\n# cuối"),
            "{new}"
        );
        let new = put_in(TEXT, "groups", &line).unwrap();
        assert!(
            new.ends_with("id = \"t\"\n\n[[groups]]\nid = \"n\"\n"),
            "{new}"
        );
        let crlf = TEXT.replace('\n', "\r\n");
        let new = put_in(&crlf, "channels", &line).unwrap();
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    }

    #[test]
    fn lines_are_where_keys_stand() {
        let lines = lines(TEXT, Spot::Entry("channels", "a"));
        let of = |key: &str| {
            let found = lines.iter().find(|(k, _)| k.as_deref() == Some(key));
            found.unwrap().1.clone()
        };
        assert_eq!(of("id"), 6..7);
        assert_eq!(of("list"), 7..10);
        assert_eq!(of("utm"), 10..12);
        assert_eq!(lines[0].1, 5..6);
    }
}

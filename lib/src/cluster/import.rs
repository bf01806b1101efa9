//! Reads the clusters that other programs made.

use std::collections::HashMap;

use super::Clusters;
use super::components::Sets;
use crate::io::{Column, Delimiter, Dialect, Source, TableReader, TableRow, same_name};
use crate::record::RecordId;
use crate::{Place, Result};

/// Names of columns of molecules and of clusters; the header of a table of clusters has one of each.
const MEMBERS: [&str; 8] = ["id", "member", "e_id", "f_id", "name", "molecule", "rna_id", "partner_id"];
const CLUSTERS: [&str; 6] = ["cluster", "cluster_id", "representative", "group", "family", "c_id"];

impl Clusters {
    /// Reads clusters of another program, told by their form: the `.clstr` file of CD-HIT; a table of two columns, which are
    /// a molecule and its cluster in either order (the `_cluster.tsv` of `MMseqs2`, the clusters of `DataSAIL`, what
    /// [`Clusters::write_to`] writes), with or without header. With a `threshold`: a table of two molecules and their
    /// similarity (the `.m8` of `MMseqs2`), or a square matrix of similarities with names above and before it; molecules
    /// that are joined by a chain of similarities at or above the threshold are one cluster.
    ///
    /// ```
    /// use crossmamba::cluster::Clusters;
    /// use crossmamba::record::RecordId;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("rna_cluster.tsv");
    /// std::fs::write(&path, "r1\tr1\nr1\tr2\nr3\tr3\n")?;
    /// let clusters = Clusters::read(&path, None)?;
    /// assert_eq!(clusters.of(&RecordId::new("r2")?), Some(0));
    /// assert_eq!(clusters.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A file that cannot be read or has none of these forms, a molecule in two clusters, a similarity that is not a number.
    pub fn read(source: impl Into<Source>, threshold: Option<f64>) -> Result<Self> {
        let source = source.into();
        let mut input = source.open()?;
        let path = source.path();
        let start = std::io::BufRead::fill_buf(&mut input).map_err(crate::Error::io("read", path))?;
        if start.first() == Some(&b'>') {
            return cd_hit(input, path);
        }
        let dialect = Dialect { delimiter: Delimiter::Auto, header: false };
        let wanted = ["1", "2", "3"];
        let column = |at: usize| Column::required("--clusters", Some(wanted[at]), &[], at + 1);
        let wanted =
            if threshold.is_none() { vec![column(0), column(1)] } else { (0..3).map(column).collect() };
        let mut table = TableReader::from_input(input, path, dialect, &wanted)?;
        match threshold {
            None => two_columns(&mut table),
            Some(threshold) => similarities(&mut table, threshold),
        }
    }
}

fn text(row: &TableRow<'_>, column: usize) -> String {
    String::from_utf8_lossy(row.cell(column).unwrap_or_default()).into_owned()
}

fn id(place: &Place, text: &str) -> Result<RecordId> {
    RecordId::new(text)
        .map_err(|problem| place.clone().error(format!("`{}`: {problem}", text.escape_debug()), "correct it"))
}

/// Numbers words by first appearance.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn of(&mut self, word: String) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(word).or_insert(next)
    }
}

fn two_columns(table: &mut TableReader) -> Result<Clusters> {
    let path = table.path().to_path_buf();
    let named = |cell: &str, names: &[&str]| names.iter().any(|name| same_name(cell, name));
    let (mut rows, mut members_last): (Vec<(u64, [String; 2])>, Option<bool>) = (Vec::new(), None);
    if table.width() > 2 {
        let problem = format!("has {} columns, not a molecule and its cluster", table.width());
        return Err(Place::file(path).line(1).error(problem, "give a threshold, if it holds similarities"));
    }
    while let Some(row) = table.next_row()? {
        let cells = [text(&row, 0), text(&row, 1)];
        if rows.is_empty() && members_last.is_none() {
            members_last = [[0, 1], [1, 0]].into_iter().find_map(|[member, cluster]| {
                let header = named(&cells[member], &MEMBERS) && named(&cells[cluster], &CLUSTERS);
                header.then_some(member == 1)
            });
            if members_last.is_some() {
                continue;
            }
        }
        rows.push((row.line, cells));
    }
    let distinct = |column: usize| {
        let cells: std::collections::HashSet<&str> =
            rows.iter().map(|(_, cells)| cells[column].as_str()).collect();
        cells.len() == rows.len()
    };
    // Without header the molecules are in the column in which nothing stands twice; MMseqs2 writes them last.
    let last = members_last.unwrap_or_else(|| distinct(1) || !distinct(0));
    let (member, cluster) = if last { (1, 0) } else { (0, 1) };
    let (mut numbers, mut ids, mut together) = (Numbers::default(), Vec::new(), Vec::new());
    let mut known: HashMap<RecordId, u32> = HashMap::new();
    for (line, cells) in rows {
        let place = Place::file(&path).line(line);
        let one = id(&place, &cells[member])?;
        let [first, second] = cells;
        let number = numbers.of(if cluster == 0 { first } else { second });
        match known.insert(one.clone(), number) {
            Some(other) if other != number => {
                return Err(place.record(&one).error("stands in two clusters", "keep one of the rows"));
            }
            Some(_) => {}
            None => {
                ids.push(one);
                together.push(number);
            }
        }
    }
    if ids.is_empty() {
        return Err(Place::file(path).error("holds no molecule", "check how the file was made"));
    }
    Ok(Clusters::new(ids, &together))
}

fn similarities(table: &mut TableReader, threshold: f64) -> Result<Clusters> {
    let path = table.path().to_path_buf();
    let number = |place: &Place, text: &str| {
        text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(|| {
            let problem = format!("`{}` is not a similarity", text.escape_debug());
            place.clone().error(problem, "give numbers between 0 and 1")
        })
    };
    let (mut numbers, mut ids, mut joined) = (Numbers::default(), Vec::new(), Vec::new());
    let mut known = |place: &Place, text: &str| -> Result<u32> {
        let number = numbers.of(text.to_owned());
        if number as usize == ids.len() {
            ids.push(id(place, text)?);
        }
        Ok(number)
    };
    let mut header: Option<Vec<String>> = None;
    let mut first = true;
    while let Some(row) = table.next_row()? {
        let place = Place::file(&path).line(row.line);
        if std::mem::take(&mut first) && text(&row, 2).parse::<f64>().is_err() {
            // Names above the numbers: of a matrix, or of a table of pairs, whose first column is named, too.
            header = Some(row.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
            continue;
        }
        let matrix = header.as_ref().filter(|names| {
            names.len() > 3 && !MEMBERS.iter().chain(&["query"]).any(|name| same_name(&names[0], name))
                || names[0].is_empty()
        });
        let own = known(&place, &text(&row, 0))?;
        if let Some(names) = matrix {
            for (name, cell) in names.iter().zip(row.cells()).skip(1) {
                if number(&place, &String::from_utf8_lossy(cell))? >= threshold {
                    joined.push((own, known(&place, name)?));
                }
            }
        } else {
            let other = known(&place, &text(&row, 1))?;
            if number(&place, &text(&row, 2))? >= threshold {
                joined.push((own, other));
            }
        }
    }
    if ids.is_empty() {
        return Err(Place::file(path).error("holds no molecule", "check how the file was made"));
    }
    let mut sets = Sets::new(ids.len());
    for pair in joined {
        sets.join(pair);
    }
    let together: Vec<u32> = (0..ids.len() as u32).map(|at| sets.root(at)).collect();
    Ok(Clusters::new(ids, &together))
}

/// Reads `>Cluster 0` and, below it, lines such as `0 120aa, >name... *`, with a tab behind the number.
fn cd_hit(input: impl std::io::BufRead, path: &std::path::Path) -> Result<Clusters> {
    let (mut ids, mut together, mut cluster) = (Vec::new(), Vec::new(), 0);
    for (at, line) in (1..).zip(input.lines()) {
        let line = line.map_err(crate::Error::io("read", path))?;
        let place = Place::file(path).line(at);
        if line.starts_with(">Cluster") {
            cluster += 1;
        } else if !line.trim().is_empty() {
            let name = line.split_once(", >").and_then(|(_, rest)| rest.split_once("..."));
            let Some((name, _)) = name else {
                let problem = "is neither a cluster of CD-HIT nor a member of one";
                return Err(place.error(problem, "give the .clstr file, not the FASTA"));
            };
            ids.push(id(&place, name)?);
            together.push(cluster);
        }
    }
    if ids.is_empty() {
        return Err(Place::file(path).error("holds no molecule", "check how the file was made"));
    }
    let cut = "CD-HIT cuts names after 20 letters; run it with `-d 0`";
    let distinct: std::collections::HashSet<&RecordId> = ids.iter().collect();
    if distinct.len() < ids.len() {
        return Err(Place::file(path).error("names a molecule twice", cut));
    }
    Ok(Clusters::new(ids, &together))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, threshold: Option<f64>) -> std::result::Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.tsv");
        std::fs::write(&path, text).unwrap();
        let clusters = Clusters::read(&path, threshold)
            .map_err(|error| error.to_string().rsplit_once("/c.tsv").unwrap().1.to_owned())?;
        let mut out = Vec::new();
        clusters.write_to(&mut out).unwrap();
        Ok(String::from_utf8(out).unwrap().replace("id\tcluster\n", "").replace('\t', " ").replace('\n', ";"))
    }

    #[test]
    fn each_form_is_told_by_itself() {
        let one = Ok("a 0;b 0;c 1;".to_owned());
        for text in [
            "a\ta\na\tb\nc\tc\n",
            "id\tcluster\na\t7\nb\t7\nc\t2\n",
            "ID,Cluster_ID\na,x\nb,x\nc,y\n",
            "cluster\tid\nx\ta\nx\tb\ny\tc\n",
            "a\t1\nb\t1\nc\t2\n",
            ">Cluster 0\n0\t90aa, >a... *\n1\t88aa, >b... at 98.00%\n>Cluster 1\n0\t50aa, >c... *\n",
        ] {
            assert_eq!(read(text, None), one, "{text}");
        }
        for text in [
            "a\tb\t0.9\t100\na\tc\t0.2\t90\n",
            "query\ttarget\tfident\na\tb\t0.9\nc\ta\t0.2\n",
            "\ta\tb\tc\na\t1\t0.9\t0\nb\t0.9\t1\t0.1\nc\t0\t0.1\t1\n",
            "E_ID\ta\tb\tc\na\t1\t0.9\t0\nb\t0.9\t1\t0.1\nc\t0\t0.1\t1\n".replace("E_ID", "").as_str(),
        ] {
            assert_eq!(read(text, Some(0.8)), one, "{text}");
        }
    }

    #[test]
    fn each_fault_has_its_sentence() {
        for (text, threshold, start) in [
            ("id\tcluster\na\t1\na\t2\n", None, ", line 3, record `a`: stands in two clusters"),
            ("id\tcluster\n", None, ": holds no molecule"),
            ("a\tb\t0.5\n", None, ", line 1: has 3 columns, not a molecule and its cluster"),
            ("a\tb\t0.5\nc\td\tx\n", Some(0.8), ", line 2: `x` is not a similarity"),
            (">Cluster 0\nACGU\n", None, ", line 2: is neither a cluster of CD-HIT"),
        ] {
            let message = read(text, threshold).unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }
}

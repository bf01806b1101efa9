//! The options by which a tool takes the clusters of both sides.

use crossmamba::Result;
use crossmamba::cluster::Clusters;
use crossmamba::io::Source;
use crossmamba::pair::Sides;

/// Files of clusters, of either side or of both.
#[derive(Debug, clap::Args)]
pub struct ClusterFiles {
    /// Clusters of the RNAs: of crossmamba-cluster, `MMseqs2`, CD-HIT, `DataSAIL`, or any two columns
    #[arg(long, value_name = "FILE")]
    rna_clusters: Option<Source>,

    /// Clusters of the partners; between RNAs this may be the same file
    #[arg(long, value_name = "FILE")]
    partner_clusters: Option<Source>,
}

impl ClusterFiles {
    /// Gives each file once, with its role.
    pub fn inputs(&self) -> impl Iterator<Item = (&'static str, &Source)> {
        let rna = self.rna_clusters.iter().map(|source| ("rna clusters", source));
        rna.chain(self.of_partners_alone().map(|source| ("partner clusters", source)))
    }

    /// Reads the clusters of both sides, one file for both once.
    ///
    /// # Errors
    /// As for [`Clusters::read`].
    pub fn read(&self) -> Result<Sides<Option<Clusters>>> {
        let rna = self.rna_clusters.as_ref().map(|source| Clusters::read(source, None)).transpose()?;
        let partner = match self.of_partners_alone() {
            Some(source) => Some(Clusters::read(source, None)?),
            None => self.partner_clusters.as_ref().and(rna.clone()),
        };
        Ok(Sides::new(rna, partner))
    }

    /// Gives the clusters of the partners where they are not those of the RNAs, too.
    fn of_partners_alone(&self) -> Option<&Source> {
        let rna = self.rna_clusters.as_ref().map(Source::path);
        self.partner_clusters.as_ref().filter(|partner| Some(partner.path()) != rna)
    }
}

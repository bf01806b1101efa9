//! Lists positions together with their inverse, each made once for all steps that use them.

use std::sync::{Arc, OnceLock};

use candle_core::{Device, Tensor};

use crate::Result;

/// Holds `b` positions in some list. Who uses a position, and the copy on a device, are worked out when first asked
/// for, and shared by all clones.
///
/// ```
/// use crossmamba::nn::Indices;
/// let indices = Indices::from(vec![2, 0, 2]);
/// assert_eq!(indices.users(2), [0, 2]);
/// assert!(indices.users(1).is_empty() && indices.users(9).is_empty());
/// assert_eq!(indices.bound(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct Indices(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    positions: Vec<u32>,
    bound: usize,
    users: OnceLock<Users>,
    copy: OnceLock<Tensor>,
}

/// For each position below the bound, who uses it, in rising order: where its users begin in the list, and the list.
#[derive(Debug)]
struct Users {
    offsets: Indices,
    users: Indices,
}

impl From<Vec<u32>> for Indices {
    fn from(positions: Vec<u32>) -> Self {
        let bound = positions.iter().max().map_or(0, |&largest| largest as usize + 1);
        Self(Arc::new(Inner { positions, bound, users: OnceLock::new(), copy: OnceLock::new() }))
    }
}

impl FromIterator<u32> for Indices {
    fn from_iter<I: IntoIterator<Item = u32>>(positions: I) -> Self {
        positions.into_iter().collect::<Vec<_>>().into()
    }
}

impl Indices {
    /// Counts the positions `b`.
    pub fn len(&self) -> usize {
        self.0.positions.len()
    }

    /// Says whether there are no positions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the positions.
    pub fn positions(&self) -> &[u32] {
        &self.0.positions
    }

    /// Returns one more than the largest position, or 0 if there is none.
    pub fn bound(&self) -> usize {
        self.0.bound
    }

    /// Lists who uses a position, in rising order.
    pub fn users(&self, position: usize) -> &[u32] {
        let (offsets, users) = self.inverse();
        match offsets.positions().get(position..position + 2) {
            Some(range) => &users.positions()[range[0] as usize..range[1] as usize],
            None => &[],
        }
    }

    /// Lists where the users of each position below the bound begin, with the end, and all users in this order.
    pub(crate) fn inverse(&self) -> (&Self, &Self) {
        let users = self.0.users.get_or_init(|| Users::new(&self.0.positions, self.0.bound));
        (&users.offsets, &users.users)
    }

    /// Gives the positions as a tensor (b) of u32; the copy on the first device that asks is kept.
    ///
    /// # Errors
    ///
    /// If the device has no memory left.
    pub fn tensor(&self, device: &Device) -> Result<Tensor> {
        if let Some(copy) = self.0.copy.get().filter(|copy| copy.device().same_device(device)) {
            return Ok(copy.clone());
        }
        let copy = Tensor::new(self.positions(), device)?;
        // The first copy stays; another thread may have been faster.
        let _ = self.0.copy.set(copy.clone());
        Ok(copy)
    }
}

impl Users {
    fn new(positions: &[u32], bound: usize) -> Self {
        let mut offsets = vec![0_u32; bound + 1];
        for &position in positions {
            offsets[position as usize + 1] += 1;
        }
        for position in 0..bound {
            offsets[position + 1] += offsets[position];
        }
        let mut next = offsets.clone();
        let mut users = vec![0_u32; positions.len()];
        for (user, &position) in positions.iter().enumerate() {
            let place = &mut next[position as usize];
            users[*place as usize] = user as u32;
            *place += 1;
        }
        Self { offsets: offsets.into(), users: users.into() }
    }
}

//! Keeps the trainable tensors of a model, by name.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor, Var};

use crate::rng::Rng;
use crate::{Error, Result};

/// One trainable tensor.
#[derive(Debug, Clone)]
pub struct Param {
    name: String,
    var: Var,
    decay: bool,
}

impl Param {
    /// Returns the name, such as `rna.layer0.forward.conv.weight`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the variable.
    pub fn var(&self) -> &Var {
        &self.var
    }

    /// Says whether weight decay applies; it does not to biases, norms, decay rates and scales.
    pub fn decay(&self) -> bool {
        self.decay
    }
}

/// The trainable tensors of a model, ordered by name.
#[derive(Debug, Clone, Default)]
pub struct ParamStore {
    params: Vec<Param>,
}

impl ParamStore {
    /// Iterates in the order of the names.
    pub fn iter(&self) -> std::slice::Iter<'_, Param> {
        self.params.iter()
    }

    /// Counts the tensors.
    pub fn len(&self) -> usize {
        self.params.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.params.is_empty()
    }

    /// Counts the numbers in all tensors.
    pub fn values(&self) -> usize {
        self.params.iter().map(|param| param.var.elem_count()).sum()
    }

    /// Finds a tensor by name.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.position(name).map(|at| &self.params[at])
    }

    /// Copies all values, by name.
    pub fn snapshot(&self) -> Result<BTreeMap<String, Tensor>> {
        self.params.iter().map(|p| Ok((p.name.clone(), p.var.as_tensor().copy()?.detach()))).collect()
    }

    /// Replaces all values.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if a tensor is missing, left over or of another shape; then nothing is changed.
    pub fn restore(&self, values: &BTreeMap<String, Tensor>) -> Result<()> {
        let wrong = |name: &str, problem: String| {
            Err(Error::setting(format!("weight {name}"), problem, "use the weights of this very model"))
        };
        for param in &self.params {
            match values.get(&param.name) {
                None => return wrong(&param.name, "it is missing".into()),
                Some(value) if value.dims() != param.var.dims() => {
                    let (found, wanted) = (value.dims(), param.var.dims());
                    return wrong(
                        &param.name,
                        format!("its shape is {found:?} where the model has {wanted:?}"),
                    );
                }
                Some(_) => {}
            }
        }
        if let Some(name) = values.keys().find(|name| self.position(name).is_none()) {
            return wrong(name, "the model has no such weight".into());
        }
        for param in &self.params {
            let value = values[&param.name].to_dtype(param.var.dtype())?.to_device(param.var.device())?;
            param.var.set(&value)?;
        }
        Ok(())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.params.binary_search_by(|param| param.name.as_str().cmp(name)).ok()
    }
}

impl<'a> IntoIterator for &'a ParamStore {
    type Item = &'a Param;
    type IntoIter = std::slice::Iter<'a, Param>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// How the values of a new tensor are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Init {
    /// All the same.
    Constant(f64),
    /// Uniform between minus and plus the bound.
    Uniform(f64),
    /// The logarithms of 1, 2, …, n along the last axis (S4D-real).
    LogRange,
    /// Such that softplus gives log-uniform numbers in this range (Gu and Dao 2023).
    TimeStep(f64, f64),
}

/// What becomes of the tensors that a model asks for.
enum Made<'a> {
    /// They are made, and kept here.
    Kept(&'a mut ParamStore),
    /// Their values are counted, and none is made.
    Counted(&'a mut u64),
}

/// Makes tensors under a prefix. Each tensor's values depend on the seed and on its name alone, so that a variant of
/// a model starts from the same values wherever it has the same tensors.
pub(crate) struct Builder<'a> {
    made: Made<'a>,
    rng: &'a Rng,
    prefix: String,
    dtype: DType,
    compute: DType,
    device: Device,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(store: &'a mut ParamStore, rng: &'a Rng, dtype: DType, device: &Device) -> Self {
        let (made, device) = (Made::Kept(store), device.clone());
        Self { made, rng, prefix: String::new(), dtype, compute: dtype, device }
    }

    /// Lets what is made from here on compute in other numbers than the tensors have.
    pub(crate) fn computing(mut self, dtype: DType) -> Self {
        self.compute = dtype;
        self
    }

    /// Lets what is made from here on compute in the numbers of the tensors.
    pub(crate) fn exact(self) -> Self {
        let dtype = self.dtype;
        self.computing(dtype)
    }

    /// Gives the numbers in which what is made computes.
    pub(crate) fn compute(&self) -> DType {
        self.compute
    }

    /// Adds the values of all tensors to a number, and takes no memory for them.
    pub(crate) fn counting(values: &'a mut u64, rng: &'a Rng) -> Self {
        let made = Made::Counted(values);
        let dtype = DType::F32;
        Self { made, rng, prefix: String::new(), dtype, compute: dtype, device: Device::Cpu }
    }

    /// Goes one level down.
    pub(crate) fn at(&mut self, name: &str) -> Builder<'_> {
        let prefix = format!("{}{name}.", self.prefix);
        let made = match &mut self.made {
            Made::Kept(store) => Made::Kept(store),
            Made::Counted(values) => Made::Counted(values),
        };
        let (rng, dtype, compute, device) = (self.rng, self.dtype, self.compute, self.device.clone());
        Builder { made, rng, prefix, dtype, compute, device }
    }

    /// Makes a tensor to which weight decay applies.
    pub(crate) fn weight(&mut self, name: &str, shape: &[usize], init: Init) -> Result<Tensor> {
        self.make(name, shape, init, true)
    }

    /// Makes a tensor to which weight decay does not apply.
    pub(crate) fn free(&mut self, name: &str, shape: &[usize], init: Init) -> Result<Tensor> {
        self.make(name, shape, init, false)
    }

    fn make(&mut self, name: &str, shape: &[usize], init: Init, decay: bool) -> Result<Tensor> {
        let store = match &mut self.made {
            Made::Kept(store) => store,
            Made::Counted(values) => {
                **values += shape.iter().map(|&size| size as u64).product::<u64>();
                // One value that stands for all.
                return Ok(Tensor::zeros(1, self.dtype, &self.device)?.broadcast_as(shape)?);
            }
        };
        let name = format!("{}{name}", self.prefix);
        let mut rng = self.rng.fork(&name);
        let count: usize = shape.iter().product();
        let last = shape.last().copied().unwrap_or(1);
        let values: Vec<f64> = (0..count)
            .map(|at| match init {
                Init::Constant(value) => value,
                Init::Uniform(bound) => (2.0 * rng.uniform() - 1.0) * bound,
                Init::LogRange => ((at % last + 1) as f64).ln(),
                Init::TimeStep(low, high) => {
                    let step = (low.ln() + rng.uniform() * (high / low).ln()).exp().max(1e-4);
                    step + (-(-step).exp_m1()).ln()
                }
            })
            .collect();
        let value = Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(self.dtype)?;
        let var = Var::from_tensor(&value.to_device(&self.device)?)?;
        let tensor = var.as_tensor().clone();
        let Err(at) = store.params.binary_search_by(|param| param.name.cmp(&name)) else {
            return Err(Error::defect("parameters", format!("two tensors are named {name}")));
        };
        store.params.insert(at, Param { name, var, decay });
        Ok(tensor)
    }
}

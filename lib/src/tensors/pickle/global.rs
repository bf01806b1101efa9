//! The classes and functions that a pickle may name, and what they stand for here.

use super::super::element::ElementType;

/// What a class or function stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tensors) enum Global {
    /// A storage of values of one type; without a type its tensors tell theirs.
    Storage(Option<ElementType>),
    /// A type of values.
    Type(ElementType),
    /// Makes a tensor of a storage, an offset, a shape and strides.
    Tensor,
    /// The same with the type as the seventh argument.
    TypedTensor,
    /// Wraps its first argument, a tensor.
    Parameter,
    /// Calls its first argument with the tuple that is its third.
    FromType,
    /// A dictionary that is filled after it was made, or from pairs.
    Dict,
    /// A list or set made of a list.
    List,
    /// A class whose instances are kept as their attributes, and whose arguments carry nothing for us.
    Data,
}

/// Packages whose classes occur in training checkpoints as inert records beside the weights.
const DATA_PACKAGES: [&str; 5] =
    ["pytorch_lightning", "lightning", "lightning_fabric", "lightning_utilities", "omegaconf"];

/// Looks a name up; none is a name that must not occur.
pub(super) fn find(module: &str, name: &str) -> Option<Global> {
    use ElementType as E;
    Some(match (module, name) {
        ("torch", "FloatStorage") => Global::Storage(Some(E::F32)),
        ("torch", "HalfStorage") => Global::Storage(Some(E::F16)),
        ("torch", "BFloat16Storage") => Global::Storage(Some(E::Bf16)),
        ("torch", "DoubleStorage") => Global::Storage(Some(E::F64)),
        ("torch", "LongStorage") => Global::Storage(Some(E::I64)),
        ("torch", "IntStorage") => Global::Storage(Some(E::I32)),
        ("torch", "ShortStorage") => Global::Storage(Some(E::I16)),
        ("torch", "CharStorage") => Global::Storage(Some(E::I8)),
        ("torch", "ByteStorage") => Global::Storage(Some(E::U8)),
        ("torch", "BoolStorage") => Global::Storage(Some(E::Bool)),
        ("torch.storage", "UntypedStorage") => Global::Storage(None),
        ("torch", "float32") => Global::Type(E::F32),
        ("torch", "float16") => Global::Type(E::F16),
        ("torch", "bfloat16") => Global::Type(E::Bf16),
        ("torch", "float64") => Global::Type(E::F64),
        ("torch", "int64") => Global::Type(E::I64),
        ("torch", "int32") => Global::Type(E::I32),
        ("torch", "int16") => Global::Type(E::I16),
        ("torch", "int8") => Global::Type(E::I8),
        ("torch", "uint64") => Global::Type(E::U64),
        ("torch", "uint32") => Global::Type(E::U32),
        ("torch", "uint16") => Global::Type(E::U16),
        ("torch", "uint8") => Global::Type(E::U8),
        ("torch", "bool") => Global::Type(E::Bool),
        ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Global::Tensor,
        ("torch._utils", "_rebuild_tensor_v3") => Global::TypedTensor,
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => Global::Parameter,
        ("torch._tensor", "_rebuild_from_type_v2") => Global::FromType,
        ("collections", "OrderedDict" | "defaultdict" | "Counter")
        | ("builtins" | "__builtin__", "dict")
        | (
            "pytorch_lightning.utilities.parsing"
            | "lightning.pytorch.utilities.parsing"
            | "lightning_fabric.utilities.data"
            | "lightning.fabric.utilities.data",
            "AttributeDict",
        ) => Global::Dict,
        ("builtins" | "__builtin__", "set" | "frozenset" | "list" | "tuple") | ("torch", "Size") => {
            Global::List
        }
        ("argparse", "Namespace")
        | ("torch", "device" | "Tensor")
        | ("torch.nn.parameter", "Parameter")
        | (
            "builtins" | "__builtin__",
            "int" | "long" | "float" | "str" | "bool" | "bytes" | "bytearray" | "complex" | "object"
            | "slice" | "range",
        )
        | ("_codecs", "encode")
        | ("numpy", "ndarray" | "dtype")
        | ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct" | "scalar")
        | ("pathlib" | "pathlib._local", "Path" | "PosixPath" | "PurePosixPath" | "WindowsPath")
        | ("datetime", "datetime" | "date" | "time" | "timedelta" | "timezone") => Global::Data,
        _ if DATA_PACKAGES.contains(&module.split('.').next().unwrap_or_default()) => Global::Data,
        _ => return None,
    })
}

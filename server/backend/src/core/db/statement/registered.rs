//! Every statement of the program with all of its forms, for the tests that prepare them.

/// A statement of the program, for the tests that prepare all of them.
pub(crate) struct Registered {
    pub(crate) text: &'static str,
    pub(crate) pieces: &'static [(&'static str, AllPieces)],
    pub(crate) values: usize,
    pub(crate) place: &'static str,
}

/// Answers all that may stand for a name in braces.
type AllPieces = fn() -> Vec<Piece>;

/// What may stand for a name in braces.
#[derive(Clone)]
pub(crate) enum Piece {
    Text(String),
    Sealed(&'static str),
    List,
    /// Of this width.
    Rows(usize),
}

inventory::collect!(Registered);

macro_rules! register {
    ($text:expr, [$($value:expr),*], [$($name:ident: $kind:ident($($of:expr),*)),*]) => {
        ::inventory::submit! {
            $crate::core::db::Registered {
                text: $text,
                pieces: &[$((stringify!($name), {
                    fn samples() -> Vec<$crate::core::db::Piece> {
                        $crate::core::db::samples!($kind($($of),*))
                    }
                    samples
                })),*],
                values: <[&str]>::len(&[$($value),*]),
                place: concat!(file!(), ":", line!()),
            }
        }
    };
}
pub(crate) use register;

/// All that a piece may be, from what never varies of it.
macro_rules! samples {
    (text($text:expr)) => {
        vec![$crate::core::db::Piece::Text($text.to_string())]
    };
    (one_of($all:expr, $chosen:expr)) => {
        $all.iter()
            .map(|text| $crate::core::db::Piece::Text(text.to_string()))
            .collect()
    };
    (sealed($column:expr)) => {
        vec![$crate::core::db::Piece::Sealed(stringify!($column))]
    };
    (list($from:expr, $count:expr)) => {
        vec![$crate::core::db::Piece::List]
    };
    (rows($count:expr, $width:expr)) => {
        vec![$crate::core::db::Piece::Rows($width)]
    };
}
pub(crate) use samples;

/// The forms of statements whose conditions depend on what is asked for.
pub(crate) struct Family {
    pub(crate) texts: fn() -> Vec<String>,
    pub(crate) place: &'static str,
}

inventory::collect!(Family);

/// Registers them, from a function that answers their texts.
macro_rules! family {
    ($texts:expr) => {
        ::inventory::submit! {
            $crate::core::db::Family {
                texts: $texts,
                place: concat!(file!(), ":", line!()),
            }
        }
    };
}
pub(crate) use family;

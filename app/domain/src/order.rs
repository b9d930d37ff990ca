//! Sorting. The standard library's sort is compiled once for each type that is sorted, which is 4 KB of a wasm file each time.

/// Sorts by two numbers; what has the same ones keeps its order.
pub fn sort_by_numbers<T>(items: &mut Vec<T>, key: impl Fn(&T) -> (i64, i64)) {
    let mut order: Vec<_> = items.iter().enumerate().map(|(at, item)| (key(item), at)).collect();
    sort(&mut order);
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.iter().filter_map(|(_, at)| taken.get_mut(*at)?.take()));
}

#[inline(never)]
fn sort(order: &mut [((i64, i64), usize)]) {
    order.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everything_is_kept_and_sorted_as_the_standard_library_does(
            mut items in proptest::collection::vec((-3..3_i64, -3..3_i64, any::<u8>()), 0..40),
        ) {
            let mut expected = items.clone();
            expected.sort_by_key(|(one, two, _)| (*one, *two));
            sort_by_numbers(&mut items, |(one, two, _)| (*one, *two));
            prop_assert_eq!(items, expected);
        }
    }
}

//! How the doors of kiosks are arranged.

use crate::call::Call;
use crate::refused::Refused;
use domain::ids::{DoorLabel, PortName, Yid};
use domain::locker::compartments::CompartmentStatus;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Changes what is written on the doors of a kiosk, how large they are and which of them are not used. A door that is left out stays as it
/// is.
#[server(prefix = "/do/operator", endpoint = "save-layout", protocol = Call)]
pub async fn save_layout(
    yid: Yid,
    label: BTreeMap<PortName, DoorLabel>,
    size: BTreeMap<PortName, i64>,
    status: BTreeMap<PortName, CompartmentStatus>,
) -> Result<(), Refused> {
    use crate::act::go_to;
    use crate::addresses::at;
    use crate::context;
    use crate::notice::with_notice;
    use backend::locker::kiosks;
    use domain::people::Role;

    let request = context::request();
    let who = request.require(Role::Operator)?;
    let (_, doors) = kiosks::get(&request.backend, who, yid).await?;
    let wanted = body::Wanted { label, size, status };
    let changed = wanted
        .changes(&doors)
        .map_err(|wrong| Refused::of_arguments(request.locale, wrong))?;
    if !changed.is_empty() {
        kiosks::set_layout(&request.backend, who, yid, changed).await?;
    }
    go_to(&with_notice(&at::operator_kiosk(&yid), "layout-saved"));
    Ok(())
}

#[cfg(feature = "ssr")]
mod body {
    use super::{BTreeMap, CompartmentStatus, DoorLabel, PortName};
    use crate::fields::Wrong;
    use backend::locker::kiosks::DoorLayout;
    use domain::error::Problem;
    use domain::locker::compartments::{Compartment, SIZES};
    use std::collections::HashSet;

    /// What a form wants of the doors of a kiosk.
    #[derive(Default)]
    pub(super) struct Wanted {
        pub(super) label: BTreeMap<PortName, DoorLabel>,
        pub(super) size: BTreeMap<PortName, i64>,
        pub(super) status: BTreeMap<PortName, CompartmentStatus>,
    }

    impl Wanted {
        /// The doors that change, or everything that is wrong.
        pub(super) fn changes(&self, doors: &[Compartment]) -> Result<Vec<DoorLayout>, Vec<Wrong>> {
            let mut wrong = self.unknown(doors);
            let mut labels = HashSet::new();
            let mut changed = Vec::new();
            for door in doors {
                let layout = self.layout(door);
                let mut is_wrong = |what: &str, problem| wrong.push(wrong_of(what, PortName(door.port), problem));
                if !labels.insert(layout.label.clone()) {
                    is_wrong("label", Problem::Taken);
                }
                if !SIZES.contains(&layout.size) && layout.size != door.size {
                    let (min, max) = (*SIZES.start(), *SIZES.end());
                    is_wrong("size", Problem::Range { min, max });
                }
                if !layout.status.is_condition() && layout.status != door.status {
                    is_wrong("status", Problem::Form);
                }
                let is_same = layout.label == door.label && layout.size == door.size && layout.status == door.status;
                if !is_same {
                    changed.push(layout);
                }
            }
            if wrong.is_empty() { Ok(changed) } else { Err(wrong) }
        }

        fn layout(&self, door: &Compartment) -> DoorLayout {
            let name = PortName(door.port);
            DoorLayout {
                port: door.port,
                label: self
                    .label
                    .get(&name)
                    .map_or_else(|| door.label.clone(), |label| label.0.clone()),
                size: self.size.get(&name).copied().unwrap_or(door.size),
                status: self.status.get(&name).copied().unwrap_or(door.status),
            }
        }

        /// The doors that this kiosk has not.
        fn unknown(&self, doors: &[Compartment]) -> Vec<Wrong> {
            let names = self.label.keys().map(|name| ("label", name));
            let names = names.chain(self.size.keys().map(|name| ("size", name)));
            let names = names.chain(self.status.keys().map(|name| ("status", name)));
            names
                .filter(|(_, name)| doors.iter().all(|door| door.port != name.0))
                .map(|(what, name)| wrong_of(what, *name, Problem::Unknown))
                .collect()
        }
    }

    fn wrong_of(what: &str, door: PortName, problem: Problem) -> Wrong {
        Wrong {
            field: format!("{what}.{door}"),
            problem,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use domain::ids::Port;

        fn door(serial: i64, label: &str) -> Compartment {
            Compartment {
                port: Port { jumper: 1, serial },
                label: label.to_owned(),
                size: 1,
                status: CompartmentStatus::Free,
                kind: None,
                things_sq: None,
                save_date: None,
                heard_at: None,
                unknown_since: None,
            }
        }

        fn name(serial: i64) -> PortName {
            PortName(Port { jumper: 1, serial })
        }

        fn label(text: &str) -> DoorLabel {
            DoorLabel::parse(text).unwrap()
        }

        #[test]
        fn only_what_changed_is_sent_on() {
            let doors = [door(2, "A2"), door(3, "A3")];
            let same = Wanted {
                label: [(name(2), label("A2"))].into(),
                size: [(name(2), 1)].into(),
                status: [(name(2), CompartmentStatus::Free)].into(),
            };
            assert_eq!(same.changes(&doors), Ok(Vec::new()));
            assert_eq!(Wanted::default().changes(&doors), Ok(Vec::new()));
            let larger = Wanted {
                size: [(name(3), 3)].into(),
                ..Wanted::default()
            };
            let changed = larger.changes(&doors).unwrap();
            assert_eq!(changed.len(), 1);
            assert_eq!((changed[0].port.serial, changed[0].size), (3, 3));
            assert_eq!(changed[0].label, "A3");
        }

        #[test]
        fn labels_may_change_places_and_must_differ() {
            let doors = [door(2, "A2"), door(3, "A3")];
            let labels = |two: &str, three: &str| Wanted {
                label: [(name(2), label(two)), (name(3), label(three))].into(),
                ..Wanted::default()
            };
            assert_eq!(labels("A3", "A2").changes(&doors).unwrap().len(), 2);
            let taken = wrong_of("label", name(3), Problem::Taken);
            assert_eq!(labels("B1", "B1").changes(&doors), Err(vec![taken]));
        }

        #[test]
        fn everything_that_is_wrong_is_reported_at_once() {
            let wanted = Wanted {
                label: [(name(9), label("A9"))].into(),
                size: [(name(2), 5)].into(),
                status: [(name(2), CompartmentStatus::Stored)].into(),
            };
            assert_eq!(
                wanted.changes(&[door(2, "A2")]),
                Err(vec![
                    wrong_of("label", name(9), Problem::Unknown),
                    wrong_of("size", name(2), Problem::Range { min: 1, max: 4 }),
                    wrong_of("status", name(2), Problem::Form),
                ])
            );
        }
    }
}

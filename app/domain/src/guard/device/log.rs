//! The records of a guard: numbers without a gap, bounded memory.

use crate::guard::link::{Happening, MAX_RECORDS, MOST_NUMBER, Record};
use crate::ids::Millis;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How many records a guard keeps unless it was made for another number.
pub const MOST_RECORDS: usize = 10_000;

/// How many confirmed ones are kept, for a node that was restored from a backup and lacks them.
const KEPT_CONFIRMED: usize = 100;

/// What happened at the guard, oldest first: a few records the node has confirmed, then all it has not.
///
/// When it is full, the oldest confirmed record goes first. Where none is confirmed, the oldest two become one that says which were lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    records: VecDeque<Record>,
    /// The number of the last record.
    last: i64,
    /// The node has all up to here.
    confirmed: i64,
    /// Records after this one were made since the program started.
    before_start: i64,
    most: usize,
}

impl Log {
    pub(super) fn new(most: usize) -> Self {
        Self {
            records: VecDeque::new(),
            last: 0,
            confirmed: 0,
            before_start: 0,
            most: most.max(2),
        }
    }

    /// All that are kept, oldest first.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    /// The number of the last record; 0: none yet.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// The node has all up to this number.
    pub fn confirmed(&self) -> i64 {
        self.confirmed
    }

    /// The next ones to send, at most a frame full.
    pub(super) fn next_batch(&self) -> Vec<Record> {
        let first = self.records.partition_point(|record| record.seq <= self.confirmed);
        self.records.range(first..).take(MAX_RECORDS).cloned().collect()
    }

    pub(super) fn started(&mut self) {
        self.before_start = self.last;
    }

    pub(super) fn record(&mut self, at: Millis, uncertainty_ms: Option<i64>, what: Happening) {
        while self.records.len() >= self.most {
            self.make_room();
        }
        self.last += 1;
        self.records.push_back(Record {
            seq: self.last,
            at,
            uncertainty_ms,
            what,
        });
    }

    fn make_room(&mut self) {
        let Some(oldest) = self.records.pop_front() else {
            return;
        };
        if oldest.seq > self.confirmed
            && let Some(next) = self.records.front_mut()
        {
            next.what = Happening::Lost { from: oldest.first() };
        }
    }

    /// The node has stored all up to `through`; a number that was never sent is not believed.
    pub(super) fn confirm(&mut self, through: i64) {
        if through <= self.last {
            self.confirmed = self.confirmed.max(through);
            self.forget();
        }
    }

    /// What the node has, by its own welcome. It may have more than was ever recorded here (the device was replaced and its log lost): then what
    /// it lacks is renumbered to follow. It may have less than it once confirmed (it was restored from a backup): then it gets again what is
    /// still kept, and the rest is told to be lost. True: something changed.
    pub(super) fn reconcile(&mut self, stored: i64) -> bool {
        if !(0..=MOST_NUMBER).contains(&stored) || stored == self.confirmed {
            return false;
        }
        if stored > self.last {
            self.renumber_after(stored);
        } else if stored < self.confirmed {
            self.go_back_to(stored);
        }
        self.confirmed = stored;
        self.forget();
        true
    }

    fn renumber_after(&mut self, stored: i64) {
        self.records.retain(|record| record.seq > self.confirmed);
        // What was lost has as many numbers as before, so every record moves by the same amount.
        let by = stored - self.confirmed;
        for record in &mut self.records {
            record.seq += by;
            if let Happening::Lost { from } = &mut record.what {
                *from = (*from + by).max(stored + 1);
            }
        }
        self.last += by;
        self.before_start = (self.before_start + by).min(self.last);
    }

    fn go_back_to(&mut self, stored: i64) {
        let kept_from = self.records.front().map_or(self.last + 1, Record::first);
        if kept_from > stored + 1 {
            let at = self.records.front().map_or(Millis(0), |record| record.at);
            self.records.push_front(Record {
                seq: kept_from - 1,
                at,
                uncertainty_ms: None,
                what: Happening::Lost { from: stored + 1 },
            });
        }
    }

    fn forget(&mut self) {
        let confirmed = self.records.partition_point(|record| record.seq <= self.confirmed);
        self.records.drain(..confirmed.saturating_sub(KEPT_CONFIRMED));
    }

    /// The time became known: records made since the program started without knowing it are moved to where they belong.
    pub(super) fn date(&mut self, by: i64, uncertainty_ms: Option<i64>) {
        for record in self.records.iter_mut().rev() {
            if record.seq <= self.before_start || record.uncertainty_ms.is_some() {
                break;
            }
            record.at = record.at.plus(by);
            record.uncertainty_ms = uncertainty_ms;
        }
    }
}

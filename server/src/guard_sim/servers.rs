//! Where a guard connects next: where a node sent it, where it was last, then each server it knows in turn.

use super::wire::Target;

/// The servers a guard knows. At least one.
#[derive(Clone)]
pub struct Servers {
    known: Vec<Target>,
    /// Which of them is next.
    turn: usize,
    /// Where a node sent it; tried once.
    told: Option<Target>,
    /// Where it was last; tried first.
    last: Option<Target>,
    /// Where a node sent it and it was linked: one more to try, for the known ones may be down for long.
    learned: Option<Target>,
    trying: Target,
}

impl Servers {
    /// Begins with `first` and goes on with the others in turn.
    pub fn new(first: Target, others: impl IntoIterator<Item = Target>) -> Self {
        let known: Vec<Target> = std::iter::once(first.clone()).chain(others).collect();
        Self {
            known,
            turn: 0,
            told: None,
            last: None,
            learned: None,
            trying: first,
        }
    }

    /// Where to connect now.
    pub(super) fn next(&mut self) -> Target {
        let next = self
            .told
            .take()
            .or_else(|| self.last.take())
            .unwrap_or_else(|| self.in_turn());
        self.trying = next.clone();
        next
    }

    fn in_turn(&mut self) -> Target {
        let all = self.known.len() + usize::from(self.learned.is_some());
        let turn = self.turn % all;
        self.turn = (turn + 1) % all;
        match (self.known.get(turn), &self.learned) {
            (Some(known), _) => known.clone(),
            (None, Some(learned)) => learned.clone(),
            // There is always one of the two.
            (None, None) => self.trying.clone(),
        }
    }

    /// The node there proved itself.
    pub(super) fn linked(&mut self) {
        match self.known.iter().position(|known| *known == self.trying) {
            // If it is gone when the guard comes back, the one behind it is next.
            Some(index) => self.turn = index + 1,
            None => {
                self.turn = 0;
                self.learned = Some(self.trying.clone());
            }
        }
        self.last = Some(self.trying.clone());
    }

    /// The node there said nothing any more: another one is tried before it is asked again.
    pub(super) fn silent(&mut self) {
        self.last = None;
    }

    /// A node sent it to this host. What is no host is not followed.
    pub(super) fn told(&mut self, host: &str) {
        self.told = self.trying.at(host).ok();
        // A server that sends it away need not be tried again at once.
        self.last = None;
    }
}

impl From<Target> for Servers {
    fn from(target: Target) -> Self {
        Self::new(target, [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str) -> Target {
        Target::parse(&format!("http://{host}:3000"), false).unwrap()
    }

    fn next(servers: &mut Servers) -> String {
        let target = servers.next().to_string();
        let host = target.trim_start_matches("http://").trim_end_matches(":3000");
        host.to_owned()
    }

    #[test]
    fn where_it_was_comes_first_and_then_each_in_turn() {
        let mut servers = Servers::new(target("a"), [target("b"), target("c")]);
        assert_eq!(next(&mut servers), "a");
        assert_eq!(next(&mut servers), "b");
        servers.linked();
        assert_eq!(["b", "c", "a", "b"].map(|_| next(&mut servers)), ["b", "c", "a", "b"]);
    }

    #[test]
    fn a_node_that_says_nothing_is_asked_again_after_the_others() {
        let mut servers = Servers::new(target("a"), [target("b"), target("c")]);
        assert_eq!(next(&mut servers), "a");
        servers.linked();
        servers.silent();
        assert_eq!([0; 4].map(|_| next(&mut servers)), ["b", "c", "a", "b"]);
        // A guard that knows one server only has no choice.
        let mut servers = Servers::from(target("a"));
        assert_eq!(next(&mut servers), "a");
        servers.linked();
        servers.silent();
        assert_eq!(next(&mut servers), "a");
    }

    #[test]
    fn it_goes_where_it_is_sent_and_back_if_nobody_answers_there() {
        let mut servers = Servers::from(target("a"));
        assert_eq!(next(&mut servers), "a");
        servers.linked();
        servers.told("d");
        assert_eq!([0; 3].map(|_| next(&mut servers)), ["d", "a", "a"]);
        servers.linked();
        servers.told("e:3000");
        assert_eq!(next(&mut servers), "e");
        servers.linked();
        // It stays there, and knows both from now on.
        assert_eq!([0; 4].map(|_| next(&mut servers)), ["e", "a", "e", "a"]);
        servers.told("no host");
        assert_eq!(next(&mut servers), "e");
    }
}

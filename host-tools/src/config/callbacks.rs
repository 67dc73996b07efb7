//! Callbacks to customers: where they may go, and when they are made again.

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use septet::api::{APIS, RetrySchedule};
use serde::Deserialize;

use super::trouble::Troubles;
use super::written::{duration, networks};

/// Callbacks to customers.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callbacks {
    /// Networks that callbacks may go to although they are not public.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
    /// How long a customer's answer is waited for.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// When a callback that was not accepted is tried again, by interface.
    pub retry: BTreeMap<String, Retry>,
}

impl Default for Callbacks {
    fn default() -> Self {
        Self { allow: Vec::new(), timeout: Duration::from_secs(10), retry: BTreeMap::new() }
    }
}

impl Callbacks {
    /// What no type can say.
    pub(super) fn check(&self, troubles: &mut Troubles<'_>) {
        if self.timeout.is_zero() {
            troubles.wrong("callbacks.timeout", "callbacks.timeout is no time");
        }
        for (api, retry) in &self.retry {
            let at = format!("callbacks.retry.{api}");
            if retry.first.iter().chain([&Humane(retry.then)]).any(|wait| wait.0.is_zero()) {
                troubles.wrong(&at, format!("{at} has a wait of no time"));
            }
            if !APIS.iter().any(|known| known.name == api) {
                troubles.wrong(&at, format!("{at} names no interface"));
            }
        }
    }
}

/// When to try again: after each of `first`, then every `then`, until `until` is over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// From each try to the next.
    first: Vec<Humane>,
    /// Between later tries.
    #[serde(deserialize_with = "duration")]
    then: Duration,
    /// From the first try to the last one.
    #[serde(deserialize_with = "duration")]
    until: Duration,
}

/// A duration written as `15min` or `200ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Humane(#[serde(deserialize_with = "duration")] Duration);

impl Retry {
    /// How long to wait after try number `tries` (from 1), which ended `since_first` after the first
    /// one began; `None` when there is no further try.
    pub fn wait(&self, tries: usize, since_first: Duration) -> Option<Duration> {
        let wait = self.first.get(tries.saturating_sub(1)).map_or(self.then, |wait| wait.0);
        (since_first.saturating_add(wait) <= self.until).then_some(wait)
    }
}

impl From<RetrySchedule> for Retry {
    fn from(schedule: RetrySchedule) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self {
            first: schedule.first.iter().map(|wait| Humane(seconds(*wait))).collect(),
            then: seconds(schedule.then),
            until: seconds(schedule.until),
        }
    }
}

#[cfg(test)]
mod tests {
    use septet::api::Api;

    use super::*;

    /// The waits of an interface's schedule, in minutes, where each try takes a second.
    fn waits(api: &Api) -> Vec<u64> {
        let retry = Retry::from(api.retry);
        let (mut since_first, mut waits) = (Duration::from_secs(1), Vec::new());
        while let Some(wait) = retry.wait(waits.len() + 1, since_first) {
            waits.push(wait.as_secs() / 60);
            since_first += wait + Duration::from_secs(1);
        }
        waits
    }

    #[test]
    fn the_schedules_end() {
        for api in APIS {
            let waits = waits(api);
            if api.name == "bulksms-eapi" {
                assert_eq!(waits, [60, 180, 720]);
            } else {
                assert_eq!(waits[..6], [1, 5, 15, 60, 60, 60], "{}", api.name);
                assert_eq!(waits.len(), 4 + 22, "{}", api.name);
            }
        }
    }
}

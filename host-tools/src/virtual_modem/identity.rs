//! What a modem says of itself, by its profile.

use septet_firmware::Profile;

/// Who made a modem, and what it says when it starts.
pub(super) struct Identity {
    /// [`Profile::model`].
    model: &'static str,
    /// `+CGMI`.
    pub(super) manufacturer: &'static str,
    /// `+CGMM`.
    pub(super) name: &'static str,
    /// The lines after the power comes.
    pub(super) boot: &'static [&'static str],
}

/// The identities of profiles; any other is a modem of ours.
static IDENTITIES: &[Identity] = &[Identity {
    model: "SIM800",
    manufacturer: "SIMCOM_Ltd",
    name: "SIMCOM_SIM800L",
    // The transcript `modem-sim800-boot-and-too-early-cmgf`.
    boot: &["RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"],
}];

static OURS: Identity =
    Identity { model: "", manufacturer: "Septet", name: "virtual modem", boot: &["RDY"] };

impl Identity {
    /// The identity of a modem that behaves as `profile`.
    pub(super) fn of(profile: &Profile) -> &'static Self {
        IDENTITIES.iter().find(|identity| identity.model == profile.model).unwrap_or(&OURS)
    }
}

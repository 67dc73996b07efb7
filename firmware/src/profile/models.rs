//! The profiles, one for each family, by maker.

use septet::at::Store;

use super::{GENERIC, PinTries, Power, Profile, Sleep};

/// `AT+SPIC` tells the tries of PIN, PUK, PIN2, PUK2: ofono, `drivers/atmodem/sim.c`, which asks a
/// SIM900, SIM800 and A7672 so; py-sim7600 (Firefox2100) has a SIM7600's `+SPIC: 3,10,0,10`.
const SPIC: PinTries = PinTries { command: "+SPIC", index: 0 };

/// `AT+QPINC="SC"` tells `"SC"`, the tries of the PIN and those of the PUK: for the order ofono,
/// `drivers/atmodem/sim.c`, for the question MuditaOS, `service-cellular/src/SimCard.cpp`.
/// `AT+QPINC?` would tell those of `"P2"` too.
const QPINC: PinTries = PinTries { command: "+QPINC=\"SC\"", index: 1 };

/// `AT+UPINCNT` tells the tries of PIN, PIN2, PUK, PUK2: ofono, `drivers/atmodem/sim.c`.
const UPINCNT: PinTries = PinTries { command: "+UPINCNT", index: 0 };

/// `AT+CNMI` of modems with Qualcomm's software: they offer mode 2 and may refuse it (ofono,
/// `drivers/atmodem/sms.c`), and a report that they store is announced where it is not. So reports
/// come by `+CDS`, or not at all.
const DIRECT_REPORTS: &[&str] = &["+CNMI=2,1,0,1,0", "+CNMI=1,1,0,1,0", "+CNMI=1,1"];

/// SIMCom SIM800 and its relatives.
///
/// * Sleep: 5 s after the last command, and the first `AT` is not answered (raviyp.com, found by
///   TinyGSM, pull request 262); BareBoneSim800 (thehapyone) then waits 120 ms.
/// * `submit_ms`: SIM800 Series AT Command Manual 1.09, section 4.2.5: 60 s.
pub static SIM800: Profile = Profile {
    model: "SIM800",
    says: &["SIM800", "SIM808", "SIM868"],
    pin_tries: SPIC,
    sleep: Sleep::Line { command: "+CSCLK=2", quiet_ms: 5_000, wake_ms: 120 },
    submit_ms: 65_000,
    ..GENERIC
};

/// SIMCom SIM900 and SIM908.
///
/// They sleep and tell their tries as a SIM800 does: the same page of raviyp.com, and ofono, whose
/// `plugins/sim900.c` is for both.
pub static SIM900: Profile = Profile {
    model: "SIM900",
    says: &["SIM900", "SIM908"],
    submit_ms: GENERIC.submit_ms,
    ..SIM800
};

/// SIMCom SIM7000: LTE Cat-M and NB-IoT with GSM behind.
///
/// * Sleep: TinyGSM, `src/TinyGsmClientSIM70xx.h`: `AT+CSCLK=1`; DTR for at least 50 ms wakes it.
/// * `down_ms`: SIM7000 Hardware Design 1.04, table 9: off within 6.9 s.
pub static SIM7000: Profile = Profile {
    model: "SIM7000",
    says: &["SIM7000"],
    sleep: Sleep::Pin { command: "+CSCLK=1", wake_ms: 100 },
    power: Power { down_ms: 7_000, ..GENERIC.power },
    ..GENERIC
};

/// SIMCom SIM7080, SIM7070 and SIM7090: the SIM7000's successors.
///
/// They sleep as it does (same file of TinyGSM), and are off within 2 s (ModularSensors,
/// `src/modems/SIMComSIM7080.h`). They have no `RESET`: `PWRKEY` held for 12.6 s is one.
pub static SIM7080: Profile = Profile {
    model: "SIM7080",
    says: &["SIM7080", "SIM7070", "SIM7090"],
    power: GENERIC.power,
    ..SIM7000
};

/// SIMCom SIM7600, SIM7500 and SIM7100: LTE Cat-1 and Cat-4.
///
/// * Indications: a stored report is announced at `"SR",8` where there is none
///   (`modem-sim7600x-cdsi-sr-cms-321`).
/// * Restart: TinyGSM, `src/TinyGsmClientSIM7600.h`: `AT+CRESET`.
/// * Sleep: T-SIM7600X (Xinyuan-LilyGO), `examples/sleep/sleep.ino`: 2 s from DTR to the first
///   `AT`.
/// * `up_ms`: Sparrow (climate-and-AI-lab), `scripts/utils/power_on.py`: 20 s.
pub static SIM7600: Profile = Profile {
    model: "SIM7600",
    says: &["SIM7600", "SIM7500", "SIM7100"],
    indications: DIRECT_REPORTS,
    pin_tries: SPIC,
    restart: "+CRESET",
    sleep: Sleep::Pin { command: "+CSCLK=1", wake_ms: 2_000 },
    power: Power { up_ms: 20_000, ..GENERIC.power },
    ..GENERIC
};

/// SIMCom A7670 and SIM7670 and their relatives: LTE Cat-1 bis. As maker they say `INCORPORATED`.
///
/// * Restart: TinyGSM, `src/TinyGsmClientA7672x.h`: `AT+CRESET`.
/// * Sleep: `AT+CSCLK=1` and DTR (LilyGo-Modem-Series, issue 53).
/// * `reset_ms`: less than 2 s does nothing, the data sheet says 2.5 s (arduino-esp32, issue 9907).
/// * `up_ms`: Zephyr, `drivers/modem/vendor_modem_cellular/cellular_simcom_a76xx.c`: 20 s.
pub static A7670: Profile = Profile {
    model: "A7670",
    says: &["A7670", "A7672", "A7608", "A7678", "SIM7670", "SIM7672"],
    pin_tries: SPIC,
    restart: "+CRESET",
    sleep: Sleep::Pin { command: "+CSCLK=1", wake_ms: 100 },
    power: Power { reset_ms: 2_600, up_ms: 20_000, ..GENERIC.power },
    ..GENERIC
};

/// Quectel M95, MC60 and the other GSM modules of that family.
///
/// * Tries: `AT+QTRPIN` tells those of PIN, PIN2, PUK, PUK2 (ofono, `drivers/atmodem/sim.c`).
/// * `on_ms`: an M95 needs more than 2 s, and ofono gives it 2.1 s (`plugins/quectel.c`).
/// * `off_ms`, `down_ms`: M95 Hardware Design 1.0, figure 9: 0.6 s to 1 s, then up to 12 s to leave
///   the network.
pub static M95: Profile = Profile {
    model: "M95",
    says: &["Quectel_M"],
    pin_tries: PinTries { command: "+QTRPIN", index: 0 },
    power: Power { on_ms: 2_100, off_ms: 850, down_ms: 12_000, ..GENERIC.power },
    ..GENERIC
};

/// Quectel BG95, BG96, BG77 and BG600: LTE Cat-M and NB-IoT.
///
/// `PWRKEY`: Zephyr, `drivers/modem/vendor_modem_cellular/cellular_quectel_bg9x.c`, switches on by
/// 0.5 s; BG95&BG96 Compatible Design, section 4.3.2: off by 0.65 s, of a BG95 not by more than
/// 1.5 s.
pub static BG96: Profile = Profile {
    model: "BG96",
    says: &["BG96", "BG95", "BG77", "BG600"],
    pin_tries: QPINC,
    power: Power { on_ms: 800, off_ms: 800, ..GENERIC.power },
    ..GENERIC
};

/// Quectel EC25, EG25, EC21, EG91 and the other LTE modules.
///
/// * Indications: a report stored in `SR` is announced in `SM`
///   (`modem-quectel-ec25-cdsi-names-wrong-store`).
/// * `up_ms`: Zephyr, `drivers/modem/vendor_modem_cellular/cellular_quectel_eg25_g.c`: 15 s.
pub static EC25: Profile = Profile {
    model: "EC25",
    says: &["EC25", "EG25", "EC21", "EG21", "EG91", "EG95", "EC20"],
    indications: DIRECT_REPORTS,
    pin_tries: QPINC,
    power: Power { up_ms: 15_000, ..GENERIC.power },
    ..GENERIC
};

/// u-blox SARA-G and SARA-U, LISA, LEON: GSM and UMTS.
///
/// * Flow control, sleep: SARA-G3 and SARA-U2 System Integration Manual UBX-13000995 R26, section
///   1.9.1.4: after 2000 GSM frames (9.2 s) what comes first is lost; ubxlib waits 100 ms then.
/// * Restart: `modem-ublox-sara-g450-probe-flood-desync`; MKRGSM, `src/Modem.cpp`.
/// * `gap_ms`: ubxlib, `cell/src/u_cell_private.c`, SARA-U201.
pub static SARA_G: Profile = Profile {
    model: "SARA-G",
    says: &["SARA-G", "SARA-U", "LISA-", "LEON-"],
    pin_tries: UPINCNT,
    flow_control: "&K3",
    restart: "+CFUN=16",
    sleep: Sleep::Line { command: "+UPSV=1", quiet_ms: 9_000, wake_ms: 100 },
    gap_ms: 50,
    ..GENERIC
};

/// u-blox SARA-R4 and SARA-N4: LTE Cat-M and NB-IoT.
///
/// * Flow control, restart: ubxlib, `cell/src/u_cell_pwr.c`: `AT&K3`, and `AT+CFUN=15`, as has
///   MKRNB, `src/Modem.cpp`.
/// * `RESET`: 1 s does nothing, 10 s and more resets (MKRNB, pull request 70). ubxlib,
///   `cell/src/u_cell_private.c`, gives it 16.5 s, 35 s to go down, and 100 ms between commands.
pub static SARA_R4: Profile = Profile {
    model: "SARA-R4",
    says: &["SARA-R4", "SARA-N4"],
    restart: "+CFUN=15",
    sleep: Sleep::Never,
    power: Power { reset_ms: 16_500, down_ms: 35_000, ..GENERIC.power },
    gap_ms: 100,
    ..SARA_G
};

/// u-blox SARA-R5, LARA and TOBY: LTE.
///
/// * Flow control, restart: ubxlib, `cell/src/u_cell_pwr.c`: `AT&K3`, and `AT+CFUN=16`, since a
///   SARA-R5 has no `AT+CFUN=15`; for a LARA rusp_firmware (skysedge) has the same.
/// * `up_ms`, `down_ms`: ubxlib, `cell/src/u_cell_private.c`: 15 s and 20 s.
pub static SARA_R5: Profile = Profile {
    model: "SARA-R5",
    says: &["SARA-R5", "LARA-", "TOBY-"],
    pin_tries: UPINCNT,
    flow_control: "&K3",
    restart: "+CFUN=16",
    power: Power { down_ms: 20_000, up_ms: 15_000, ..GENERIC.power },
    ..GENERIC
};

/// Huawei E-series sticks: E1550, E1750, E1752, E173, E3372.
///
/// A model has a number for a name, so that the maker's tells.
///
/// * They refuse `AT+CMMS`: `modem-huawei-e1752-cmms-500-not-support`.
/// * Tries: `AT^CPIN?` tells the state, the tries that count now, then those of PUK, PIN, PUK2 and
///   PIN2 (ofono, `drivers/atmodem/sim.c`).
/// * USSD: asterisk-chan-dongle (wdoekes), issues 38 and 116, `at_command.c`.
pub static HUAWEI: Profile = Profile {
    model: "Huawei",
    says: &["huawei"],
    more_messages: false,
    pin_tries: PinTries { command: "^CPIN?", index: 3 },
    packs_ussd: true,
    ..GENERIC
};

/// Telit: GC864, UC864, LE910 and their relatives.
///
/// * Tries: `AT#PCT` tells those of what `AT+CPIN?` asks for (UC864-E/G AT Commands 80304ST10041a,
///   section 3.5.7.1.14).
/// * Flow control: GM862 Product Description 1vv0300604, section 6.4.2.8.
/// * Restart: core_manager (sixfab), `helpers/modem_support/telit.py`: `AT#REBOOT`.
/// * `on_ms`, `up_ms`: Zephyr, `drivers/modem/vendor_modem_cellular/cellular_telit_mex10g1.c`:
///   5.05 s and 15 s. `down_ms`: LE910Cx Hardware User Guide 1VV0301298: more than 15 s.
pub static TELIT: Profile = Profile {
    model: "Telit",
    says: &["Telit"],
    pin_tries: PinTries { command: "#PCT", index: 0 },
    flow_control: "&K3",
    restart: "#REBOOT",
    power: Power { on_ms: 5_050, down_ms: 20_000, up_ms: 15_000, ..GENERIC.power },
    ..GENERIC
};

/// Siemens and Cinterion: TC35, MC35i, MC55, BGS2, EHS6.
///
/// * Indications: an MC75i has no fifth value but 1: it refuses `AT+CNMI=2,1,0,2,0` and takes
///   `AT+CNMI=2,1,0,2,1` (gammu, issue 1206).
/// * Tries: `AT^SPIC` tells those of what `AT+CPIN?` asks for (MC55 AT Command Set 01.05, section
///   5.3).
/// * Flow control: `AT\Q3` (MC55 AT Command Set 04.00, section 4.1).
pub static CINTERION: Profile = Profile {
    model: "Cinterion",
    says: &["SIEMENS", "Cinterion", "Gemalto"],
    indications: &["+CNMI=2,1,0,1,1", "+CNMI=2,1,0,1,0", "+CNMI=2,1,0,2,1", "+CNMI=2,1"],
    pin_tries: PinTries { command: "^SPIC", index: 0 },
    flow_control: "\\Q3",
    ..GENERIC
};

/// Neoway M590, M660, WM620.
///
/// Restart: TinyGSM, `src/TinyGsmClientM590.h`: `AT+CFUN=15`.
pub static NEOWAY: Profile = Profile {
    model: "Neoway",
    says: &["NEOWAY", "M590", "M660", "WM620"],
    restart: "+CFUN=15",
    ..GENERIC
};

/// Wavecom and Sierra Wireless of its lineage: Fastrack, Q2406, GenPro.
///
/// * Stores: it has `SM` alone for reading (`modem-wavecom-cpin-without-ok`).
/// * Tries: `AT+CPINC?` tells those of PIN1, PIN2, PUK1, PUK2 (Westermo GD-01 manual 6196-2220).
pub static WAVECOM: Profile = Profile {
    model: "Wavecom",
    says: &["WAVECOM", "MULTIBAND", "Fastrack"],
    stores: &[Store::SM],
    pin_tries: PinTries { command: "+CPINC?", index: 0 },
    ..GENERIC
};

/// Nordic nRF91 as an AT host (Serial Modem, AT client).
///
/// It has no stores and no prompt, and every message must be acknowledged by `AT+CNMA=1`, or
/// nothing comes or goes any more: `modem-nrf91-pdu-in-one-go-no-prompt`, and Nordic's page of
/// `+CMT`.
pub static NRF91: Profile = Profile {
    model: "nRF91",
    says: &["nRF91"],
    indications: &["+CNMI=3,2,0,1"],
    acknowledges: true,
    has_services: false,
    acknowledge: "+CNMA=1",
    prompts: false,
    stores: &[],
    ..GENERIC
};

/// Every profile; of two that fit what a modem says, the first.
pub static PROFILES: &[&Profile] = &[
    &GENERIC, &SIM800, &SIM900, &SIM7000, &SIM7080, &A7670, &SIM7600, &M95, &BG96, &EC25, &SARA_G,
    &SARA_R4, &SARA_R5, &HUAWEI, &TELIT, &CINTERION, &NEOWAY, &WAVECOM, &NRF91,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_chosen_by_its_name_and_no_name_is_there_twice() {
        for (i, profile) in PROFILES.iter().enumerate() {
            assert!(PROFILES.iter().skip(i + 1).all(|other| other.model != profile.model));
        }
    }
}

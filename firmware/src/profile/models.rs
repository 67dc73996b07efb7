//! The profiles, one for each family, by maker.

use septet::at::Store;

use super::{GENERIC, PinTries, Power, Profile, Sleep};

/// `AT+SPIC` tells the tries of PIN, PUK, PIN2, PUK2: SIM800 Series AT Command Manual 1.12, section
/// 3.2.17; the other SIMCom families have it too.
const SPIC: PinTries = PinTries { command: "+SPIC", index: 0 };

/// `AT+QPINC="SC"` tells `"SC"`, the tries of the PIN and those of the PUK: Quectel M95 AT Commands
/// Manual 3.2, `AT+QPINC`; BG95, BG96, EC25 and EG25 have it too.
const QPINC: PinTries = PinTries { command: "+QPINC=\"SC\"", index: 1 };

/// `AT+UPINCNT` tells the tries of PIN, PIN2, PUK, PUK2: u-blox AT Commands Manual UBX-13002752,
/// section 9.5.
const UPINCNT: PinTries = PinTries { command: "+UPINCNT", index: 0 };

/// SIMCom SIM800 and its relatives.
///
/// SIM800 Series AT Command Manual 1.12: messages are stored on the SIM only, the prompt comes within
/// 5 s, the fate of a message within 60 s (section 4.2.5); `AT+CSCLK=2` lets it sleep, and the first
/// command after 5 s is lost. SIM800 Hardware Design 1.09, section 4.2: `PWRKEY` for 1 s.
pub static SIM800: Profile = Profile {
    model: "SIM800",
    says: &["SIM800", "SIM808", "SIM868"],
    stores: &[Store::SM],
    pin_tries: SPIC,
    sleep: Sleep::Line { command: "+CSCLK=2", quiet_ms: 5_000, wake_ms: 150 },
    power: Power { on_ms: 1_200, off_ms: 1_500, reset_ms: 150, down_ms: 3_000, up_ms: 5_000 },
    prompt_ms: 5_000,
    submit_ms: 65_000,
    ..GENERIC
};

/// SIMCom SIM900: as the SIM800, with slower pins.
///
/// SIM900 Hardware Design 2.00, section 3.4: `PWRKEY` for more than 1 s, 2.2 s until it answers.
pub static SIM900: Profile = Profile {
    model: "SIM900",
    says: &["SIM900", "SIM908"],
    power: Power { on_ms: 1_500, off_ms: 1_500, reset_ms: 100, down_ms: 3_000, up_ms: 5_000 },
    ..SIM800
};

/// SIMCom SIM7000: LTE Cat-M and NB-IoT with GSM behind.
///
/// It stores messages on the SIM only and finds its network slowly
/// (`modem-sim7000-not-registered-creg-vs-cgreg`). SIM7000 Hardware Design 1.04, section 3.2:
/// `PWRKEY` for 1 s, off 1.2 s, 4.5 s until it answers.
pub static SIM7000: Profile = Profile {
    model: "SIM7000",
    says: &["SIM7000"],
    stores: &[Store::SM],
    pin_tries: SPIC,
    sleep: Sleep::Pin { command: "+CSCLK=1", wake_ms: 100 },
    power: Power { on_ms: 1_200, off_ms: 1_500, reset_ms: 300, down_ms: 3_000, up_ms: 8_000 },
    register_ms: 180_000,
    ..GENERIC
};

/// SIMCom SIM7080, SIM7070 and SIM7090: the SIM7000's successors.
pub static SIM7080: Profile =
    Profile { model: "SIM7080", says: &["SIM7080", "SIM7070", "SIM7090"], ..SIM7000 };

/// SIMCom SIM7600 and SIM7500: LTE Cat-1 and Cat-4.
///
/// A report that it stores cannot be read: it is announced at `"SR",8` where there is none
/// (`modem-sim7600x-cdsi-sr-cms-321`), so that nothing but `+CDS` is asked for. SIM7600 Hardware
/// Design 1.03, section 3.2: `PWRKEY` for 0.5 s, off 2.5 s, 11 s until it answers.
pub static SIM7600: Profile = Profile {
    model: "SIM7600",
    says: &["SIM7600", "SIM7500", "SIMCOM_SIM7"],
    indications: &["+CNMI=2,1,0,1,0", "+CNMI=1,1,0,1,0"],
    pin_tries: SPIC,
    sleep: Sleep::Pin { command: "+CSCLK=1", wake_ms: 100 },
    power: Power { on_ms: 500, off_ms: 2_800, reset_ms: 300, down_ms: 8_000, up_ms: 16_000 },
    ..GENERIC
};

/// SIMCom A7670 and SIM7670 and their relatives: LTE Cat-1 bis.
///
/// They store messages in the modem only, fifty of them (`modem-a7670-sms-full`).
pub static A7670: Profile = Profile {
    model: "A7670",
    says: &["A7670", "A7672", "A7608", "SIM7670", "SIM7672", "A7678"],
    stores: &[Store::ME],
    power: Power { on_ms: 500, off_ms: 3_000, reset_ms: 2_500, down_ms: 5_000, up_ms: 12_000 },
    ..SIM7600
};

/// Quectel M95, M66 and the other GSM modules of that family.
///
/// Quectel M95 Hardware Design 1.3, section 3.4: `PWRKEY` for 1 s, off 0.7 s to 1 s.
pub static M95: Profile = Profile {
    model: "M95",
    says: &["Quectel_M", "Quectel M", "M95", "M66", "MC60", "M10"],
    stores: &[Store::SM],
    pin_tries: QPINC,
    sleep: Sleep::Pin { command: "+QSCLK=1", wake_ms: 20 },
    power: Power { on_ms: 1_200, off_ms: 850, reset_ms: 150, down_ms: 12_000, up_ms: 5_000 },
    ..GENERIC
};

/// Quectel BG95 and BG96: LTE Cat-M and NB-IoT.
///
/// Quectel BG96 Hardware Design 1.4, section 3.7: `PWRKEY` for 0.5 s, off 0.65 s, 4.9 s until the
/// line answers.
pub static BG96: Profile = Profile {
    model: "BG96",
    says: &["BG96", "BG95", "BG77", "BG600"],
    pin_tries: QPINC,
    sleep: Sleep::Pin { command: "+QSCLK=1", wake_ms: 50 },
    power: Power { on_ms: 600, off_ms: 800, reset_ms: 250, down_ms: 5_000, up_ms: 8_000 },
    register_ms: 180_000,
    ..GENERIC
};

/// Quectel EC25, EG25, EC21, EG91 and the other LTE modules.
///
/// A report that it stores in `SR` is announced in `SM` (`modem-quectel-ec25-cdsi-names-wrong-store`),
/// so that nothing but `+CDS` is asked for. Quectel EC25 Hardware Design 2.0, section 3.7: `PWRKEY`
/// for 0.5 s, off 0.65 s, 12 s until the line answers.
pub static EC25: Profile = Profile {
    model: "EC25",
    says: &["EC25", "EG25", "EC21", "EG21", "EG91", "EG95", "EC20", "EM12"],
    indications: &["+CNMI=2,1,0,1,0", "+CNMI=1,1,0,1,0"],
    pin_tries: QPINC,
    sleep: Sleep::Pin { command: "+QSCLK=1", wake_ms: 50 },
    power: Power { on_ms: 600, off_ms: 800, reset_ms: 300, down_ms: 30_000, up_ms: 16_000 },
    ..GENERIC
};

/// u-blox SARA-G and SARA-U, LISA, LEON: GSM and UMTS.
///
/// They restart by `AT+CFUN=16` (`modem-ublox-sara-g450-probe-flood-desync`) and heed RTS and CTS
/// after `AT&K3`: UBX-13002752, sections 5.3 and 15.9.
pub static SARA_G: Profile = Profile {
    model: "SARA-G",
    says: &["SARA-G", "SARA-U", "LISA-", "LEON-"],
    pin_tries: UPINCNT,
    flow_control: "&K3",
    restart: "+CFUN=16",
    sleep: Sleep::Line { command: "+UPSV=1", quiet_ms: 5_000, wake_ms: 100 },
    power: Power { on_ms: 150, off_ms: 1_500, reset_ms: 100, down_ms: 5_000, up_ms: 5_000 },
    ..GENERIC
};

/// u-blox SARA-R4, SARA-R5, LARA and TOBY: LTE.
///
/// A SARA-R4 restarts by `AT+CFUN=15`: UBX-17003787, section 5.3. It may take minutes to find a
/// network.
pub static SARA_R4: Profile = Profile {
    model: "SARA-R4",
    says: &["SARA-R", "SARA-N", "LARA-", "TOBY-"],
    restart: "+CFUN=15",
    sleep: Sleep::Never,
    power: Power { on_ms: 200, off_ms: 2_000, reset_ms: 10_500, down_ms: 8_000, up_ms: 8_000 },
    register_ms: 180_000,
    ..SARA_G
};

/// Huawei E-series sticks: E1550, E1750, E1752, E173, E3372.
///
/// They refuse `AT+CMMS` (`modem-huawei-e1752-cmms-500-not-support`), want the strings of USSD packed
/// (asterisk-chan-dongle, issue 10), and tell the tries of their PIN by `AT^CPIN?`: Huawei MU609 AT
/// Command Interface, section 10.6. A model has a number for a name, so that the maker's tells.
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
/// `AT#PCT` tells the tries of what `AT+CPIN?` asks for; `AT#REBOOT` starts it anew, `AT&K3` has it
/// heed RTS and CTS, `AT+CFUN=5` lets it sleep while DTR says so: Telit AT Commands Reference Guide
/// 80000ST10025a, sections 3.5.7.1 and 3.5.5.
pub static TELIT: Profile = Profile {
    model: "Telit",
    says: &["Telit"],
    pin_tries: PinTries { command: "#PCT", index: 0 },
    flow_control: "&K3",
    restart: "#REBOOT",
    sleep: Sleep::Pin { command: "+CFUN=5", wake_ms: 100 },
    power: Power { on_ms: 5_500, off_ms: 3_500, reset_ms: 300, down_ms: 10_000, up_ms: 15_000 },
    ..GENERIC
};

/// Siemens and Cinterion: TC35, MC35i, MC55, BGS2, EHS6.
///
/// Their store `MT` is modem and SIM as one (`modem-siemens-mc35i-stores`). `AT^SPIC` tells the tries
/// of what `AT+CPIN?` asks for, `AT\Q3` has them heed RTS and CTS: MC35i AT Command Set 04.00.
pub static CINTERION: Profile = Profile {
    model: "Cinterion",
    says: &["SIEMENS", "Cinterion", "Gemalto"],
    stores: &[Store::MT],
    pin_tries: PinTries { command: "^SPIC", index: 0 },
    flow_control: "\\Q3",
    power: Power { on_ms: 200, off_ms: 3_500, reset_ms: 100, down_ms: 5_000, up_ms: 8_000 },
    ..GENERIC
};

/// Neoway M590, M660, WM620.
///
/// They start slowly: an M590 reads the SIM for seconds after `MODEM:STARTUP`
/// (`modem-neoway-m590-boot`), and have messages on the SIM only (TinyGSM, issue 217).
pub static NEOWAY: Profile = Profile {
    model: "Neoway",
    says: &["NEOWAY", "M590", "M660", "WM620"],
    stores: &[Store::SM],
    power: Power { on_ms: 1_000, off_ms: 1_000, reset_ms: 300, down_ms: 5_000, up_ms: 10_000 },
    ..GENERIC
};

/// Wavecom and Sierra Wireless of its lineage: Fastrack, Q2406, GenPro.
///
/// They refuse three stores at once and have `SM` alone for reading
/// (`modem-wavecom-cpin-without-ok`), and tell the tries of their PIN by `AT+CPINC?`: Wavecom AT
/// Commands Interface Guide OS 6.57, section 5.7. They want 100 ms between commands.
pub static WAVECOM: Profile = Profile {
    model: "Wavecom",
    says: &["WAVECOM", "MULTIBAND", "Fastrack"],
    stores: &[Store::SM],
    pin_tries: PinTries { command: "+CPINC?", index: 0 },
    gap_ms: 100,
    ..GENERIC
};

/// Nordic nRF91 as an AT host (Serial Modem, AT client).
///
/// It has no stores and no prompt, and every message must be acknowledged by `AT+CNMA=1`, or nothing
/// comes or goes any more: `modem-nrf91-pdu-in-one-go-no-prompt`. `AT+CPINR="SIM PIN"` is the
/// standard's: nRF91x1 AT Commands Reference Guide.
pub static NRF91: Profile = Profile {
    model: "nRF91",
    says: &["nRF91", "Nordic"],
    indications: &["+CNMI=3,2,0,1"],
    acknowledges: true,
    has_services: false,
    acknowledge: "+CNMA=1",
    prompts: false,
    more_messages: false,
    stores: &[],
    register_ms: 180_000,
    ..GENERIC
};

/// Every profile; of two that fit what a modem says, the first.
pub static PROFILES: &[&Profile] = &[
    &GENERIC, &SIM800, &SIM900, &SIM7000, &SIM7080, &A7670, &SIM7600, &M95, &BG96, &EC25, &SARA_G,
    &SARA_R4, &HUAWEI, &TELIT, &CINTERION, &NEOWAY, &WAVECOM, &NRF91,
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

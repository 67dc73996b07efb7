//! What a board gathers and gives as it is.

use septet::wire::Writer;
use septet_firmware::Instant;
use septet_firmware::gateway::tape::{Last, Shared, Tapes};
use septet_firmware::trace::{Direction, Ring, Trace};

use crate::bench::{Bench, get, status};

#[test]
fn the_last_octets_are_kept_in_their_order() {
    for pieces in [&[3, 4][..], &[1; 20], &[20], &[7, 1, 0, 9], &[8], &[9], &[]] {
        let (mut last, mut all) = (Last::<8>::new(), Vec::new());
        for len in pieces {
            let octets: Vec<u8> = (0..*len).map(|at| all.len() as u8 + at).collect();
            last.push(&octets);
            all.extend(octets);
        }
        let mut room = [0; 8];
        let mut w = Writer::new(&mut room);
        last.save(&mut w).unwrap();
        assert!(all.ends_with(w.written()) && w.len() == all.len().min(8), "{pieces:?}");
        assert!(last.save(&mut Writer::new(&mut [0; 7])).is_err() || all.len() < 8);
    }
}

#[test]
fn a_board_gives_the_tapes_that_it_has() {
    static TRACE: Shared<Ring<64>> = Shared::new(Ring::new());
    static LOG: Shared<Last<64>> = Shared::new(Last::new());
    let mut bench = Bench::new();
    for path in ["/trace", "/log"] {
        assert_eq!(status(&bench.ask(&get(path))), 404);
    }
    bench.gateway.set_tapes(Tapes { trace: Some(&TRACE), log: Some(&LOG) });
    (&TRACE).octets(Direction::ToModem, b"AT\r", Instant(0));
    LOG.with(|log| log.push(b"frames"));
    let trace = bench.ask(&get("/trace"));
    assert!(trace.contains("application/octet-stream") && trace.ends_with("AT\r"), "{trace}");
    assert!(bench.ask(&get("/log")).ends_with("\r\n\r\nframes"));
}

//! Serial lines of which nothing is lost while the chip stands still.
//!
//! While its flash is erased or programmed the chip runs no code: for 45 ms, and 400 ms at most. A UART
//! has room for 32 octets, which come in 2.8 ms. So DMA takes what comes meanwhile into RAM.

use core::cell::RefCell;
use core::future::{Future, poll_fn};
use core::pin::pin;

use cortex_m::interrupt;
use cortex_m::peripheral::NVIC;
use embassy_rp::pac;
use embassy_rp::pac::dma::vals::{DataSize, TreqSel};
use embassy_rp::uart::{BufferedUart, Error};
use embedded_io_async::{ErrorType, Read, ReadReady, Write};
use heapless::Vec;

/// The line to the modem: what it says in 90 ms without a pause.
pub type ModemLine = Serial<1024>;

/// A line, with room for `N` octets that come while the chip stands still.
pub struct Serial<const N: usize> {
    uart: RefCell<BufferedUart>,
    /// What came before the chip stood still and was not read, and what came while it did.
    meanwhile: RefCell<Vec<u8, N>>,
    registers: pac::uart::Uart,
    request: TreqSel,
    interrupt: pac::Interrupt,
    /// The DMA channel, which nothing else uses.
    channel: usize,
}

impl<const N: usize> Serial<N> {
    /// A line over a UART with these registers, whose DMA request and interrupt these are.
    pub fn new(
        uart: BufferedUart,
        registers: pac::uart::Uart,
        request: TreqSel,
        interrupt: pac::Interrupt,
        channel: usize,
    ) -> Self {
        let (uart, meanwhile) = (RefCell::new(uart), RefCell::default());
        Self { uart, meanwhile, registers, request, interrupt, channel }
    }

    /// Switches the line to this speed, in bits a second.
    pub fn set_baudrate(&self, baud: u32) {
        let mut uart = self.uart.borrow_mut();
        while uart.busy() {} // the last octets are still in the UART
        uart.set_baudrate(baud);
    }

    /// Does something that the chip stands still for, without interrupts: that of the UART does nothing
    /// while DMA has its octets, and would come for ever.
    pub fn standing<R>(&self, work: impl FnOnce() -> R) -> R {
        interrupt::free(|_| {
            let mut meanwhile = self.meanwhile.borrow_mut();
            self.drain(&mut meanwhile);
            let dma = pac::DMA.ch(self.channel);
            let start = meanwhile.as_ptr() as u32;
            let room = N - meanwhile.len();
            dma.read_addr().write_value(self.registers.uartdr().as_ptr() as u32);
            dma.write_addr().write_value(start + meanwhile.len() as u32);
            dma.trans_count().write_value(room as u32);
            dma.ctrl_trig().write(|w| {
                w.set_treq_sel(self.request);
                w.set_data_size(DataSize::SIZE_BYTE);
                w.set_incr_write(true);
                w.set_chain_to(self.channel as u8);
                w.set_irq_quiet(true);
                w.set_en(room > 0);
            });
            self.registers.uartdmacr().write(|w| w.set_rxdmae(true));
            let done = work();
            self.registers.uartdmacr().write(|w| w.set_rxdmae(false));
            pac::DMA.chan_abort().write(|w| w.set_chan_abort(1 << self.channel));
            while dma.ctrl_trig().read().busy() {}
            let len = (dma.write_addr().read() - start) as usize;
            // SAFETY: DMA has written the octets up to there, and there are no more than N.
            unsafe { meanwhile.set_len(len) };
            done
        })
    }

    /// Has the UART go on sending behind [`standing`](Self::standing). Its FIFO has run empty: fewer octets
    /// than its trigger level make no interrupt when they leave. The end of the driver's ring may have so
    /// few, and its beginning the others.
    pub fn go_on(&self) {
        for _ in 0..2 {
            NVIC::pend(self.interrupt);
            cortex_m::asm::isb();
        }
    }

    /// Takes what came before, as far as there is room: it comes first.
    fn drain(&self, meanwhile: &mut Vec<u8, N>) {
        let mut uart = self.uart.borrow_mut();
        let mut octets = [0; 32];
        while matches!(uart.read_ready(), Ok(true)) && meanwhile.len() < N {
            let room = octets.len().min(N - meanwhile.len());
            let Ok(len) = uart.blocking_read(&mut octets[..room]) else { return };
            let _ = meanwhile.extend_from_slice(&octets[..len]);
        }
    }
}

/// A line as its one user has it.
pub struct Port<const N: usize>(pub &'static Serial<N>);

impl<const N: usize> ErrorType for Port<N> {
    type Error = Error;
}

// A future of the UART has nothing of its own, and may be made anew each time that it is asked.
impl<const N: usize> Read for Port<N> {
    async fn read(&mut self, octets: &mut [u8]) -> Result<usize, Error> {
        {
            let mut meanwhile = self.0.meanwhile.borrow_mut();
            if !meanwhile.is_empty() {
                let len = meanwhile.len().min(octets.len());
                octets[..len].copy_from_slice(&meanwhile[..len]);
                meanwhile.rotate_left(len);
                let left = meanwhile.len() - len;
                meanwhile.truncate(left);
                return Ok(len);
            }
        }
        poll_fn(|context| pin!(self.0.uart.borrow_mut().read(octets)).poll(context)).await
    }
}

impl<const N: usize> Write for Port<N> {
    async fn write(&mut self, octets: &[u8]) -> Result<usize, Error> {
        poll_fn(|context| pin!(self.0.uart.borrow_mut().write(octets)).poll(context)).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| pin!(self.0.uart.borrow_mut().flush()).poll(context)).await
    }
}

//! The library behind the binary `septet`: an SMS gateway, a virtual modem and the tools around them.

pub mod accounts;
pub mod callbacks;
pub mod cli;
pub mod config;
pub mod control;
pub mod decode;
pub mod encode;
pub mod explain;
pub mod gateway;
pub mod handset;
pub mod http;
pub mod jsonl;
pub mod line;
pub mod modem;
pub mod network;
pub mod port;
pub mod send;
pub mod serve;
pub mod split;
pub mod store;
pub mod tpdu_json;
pub mod virtual_modem;

/// Why a command ended without doing what it was asked: a sentence, and the exit code.
#[derive(Debug)]
pub struct Failed {
    /// The sentence.
    pub sentence: String,
    /// 1 for bad input and what the world does, 2 for bad usage.
    pub code: u8,
}

impl Failed {
    /// Bad input, or a world that does not play along: exit code 1.
    pub fn input(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 1 }
    }

    /// A command line that makes no sense: exit code 2.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), code: 2 }
    }
}

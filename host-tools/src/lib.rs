//! The library behind the binary `septet`: an SMS gateway, a virtual modem and the tools around them.

pub mod account;
pub mod accounts;
pub mod admission;
pub mod api;
pub mod asked;
pub mod board;
pub mod body;
pub mod bulk;
pub mod callbacks;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod database;
pub mod decode;
pub mod encode;
pub mod explain;
pub mod failures;
pub mod folder;
pub mod gateway;
pub mod guesses;
pub mod handset;
pub mod http;
pub mod image;
pub mod init;
pub mod jsonl;
pub mod line;
pub mod manual;
pub mod modem;
pub mod network;
pub mod nouns;
pub mod operator;
pub mod optout;
pub mod own;
pub mod pin;
pub mod port;
pub mod probe;
pub mod replay;
pub mod send;
pub mod serve;
pub mod shell;
pub mod split;
pub mod status;
pub mod store;
pub mod tpdu_json;
pub mod trace;
pub mod trouble;
pub mod ussd;
pub mod virtual_modem;
pub mod watch;
pub mod welcome;

/// Why a command ended without doing what it was asked. The exit code is 1; bad usage, which is 2, is
/// found before a command begins.
#[derive(Debug, Default)]
pub struct Failed {
    /// The sentence.
    pub sentence: String,
    /// What is printed on standard output all the same.
    pub output: String,
}

impl Failed {
    /// Bad input, or a world that does not play along.
    pub fn input(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), output: String::new() }
    }
}

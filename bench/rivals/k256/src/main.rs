//! The validation of one signed commitment with the k256 crate: Keccak of domain and commitment, recovery,
//! Keccak of the key, comparison. Prints nanoseconds per commitment.
//!
//!     preconf-k256-rival COUNT

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use sha3::{Digest, Keccak256};
use std::time::Instant;

const COMMITMENT_SIZE: usize = 317;
const DISTINCT: usize = 64;

fn digest(domain: &[u8; 32], commitment: &[u8]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    hasher.update(domain);
    hasher.update(commitment);
    hasher.finalize().into()
}

fn address(key: &VerifyingKey) -> [u8; 20] {
    let point = key.to_encoded_point(false);
    let hash = Keccak256::digest(&point.as_bytes()[1..]);
    hash[12..].try_into().unwrap()
}

fn main() {
    let count: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).expect("COUNT");
    let domain = *b"TAIKO_PRECONF_DOMAIN_PLACEHOLDER";
    let key = SigningKey::from_bytes(&[7u8; 32].into()).unwrap();
    let elected = address(key.verifying_key());
    let signed: Vec<(Vec<u8>, Signature, RecoveryId)> = (0..DISTINCT)
        .map(|number| {
            let mut commitment = vec![0u8; COMMITMENT_SIZE];
            commitment[1] = number as u8;
            let hash = digest(&domain, &commitment);
            let (signature, id) = key.sign_prehash_recoverable(&hash).unwrap();
            (commitment, signature, id)
        })
        .collect();
    let start = Instant::now();
    for i in 0..count {
        let (commitment, signature, id) = &signed[i % DISTINCT];
        let hash = digest(&domain, commitment);
        let signer = VerifyingKey::recover_from_prehash(&hash, signature, *id).unwrap();
        assert!(address(&signer) == elected);
    }
    println!("{:.0}", start.elapsed().as_nanos() as f64 / count as f64);
}

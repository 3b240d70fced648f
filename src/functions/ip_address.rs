//! IP addresses: one form, and what kind of place each names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::fold::fold;
use super::scalar::{Call, Function};

/// `normalize_ip_address`, `ip_address_kind`, `ip_address_network`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "normalize_ip_address",
        arguments: &["address"],
        required: 1,
        description: "An IPv4 or IPv6 address in its one canonical form, without port and brackets; IPv4 in IPv6 as IPv4. Null \
                      where it is none. Of a list, as X-Forwarded-For has it, the first that is public, else the first.",
        source: "RFC 5952",
        example: (
            "normalize_ip_address('[2001:DB8:0:0::1]:443')",
            "2001:db8::1",
        ),
        call: Call::Text(|args| first(args[0]).map(|address| address.to_string())),
    },
    Function {
        name: "ip_address_kind",
        arguments: &["address"],
        required: 1,
        description: "public, private, shared (a carrier's NAT: many customers behind one address), loopback, link_local, \
                      multicast, documentation or reserved.",
        source: "the special-purpose registries of IANA",
        example: ("ip_address_kind('100.64.3.4')", "shared"),
        call: Call::Text(|args| first(args[0]).map(|address| kind(address).to_string())),
    },
    Function {
        name: "ip_address_network",
        arguments: &["address"],
        required: 1,
        description: "The network that one line of a customer has, as a rule: the first 24 bits of IPv4, the first 64 of IPv6.",
        source: "the special-purpose registries of IANA",
        example: ("ip_address_network('203.0.113.9')", "203.0.113.0/24"),
        call: Call::Text(|args| first(args[0]).map(network)),
    },
];

/// Who asked, behind proxies: the first public address of `X-Forwarded-For`, else the address of the connection.
pub fn client_address(forwarded: Option<&str>, remote: Option<&str>) -> Option<String> {
    let is_public = |address: &IpAddr| kind(*address) == "public";
    let forwarded = forwarded.and_then(first).filter(is_public);
    forwarded
        .or_else(|| remote.and_then(first))
        .map(|address| address.to_string())
}

fn first(text: &str) -> Option<IpAddr> {
    let folded = fold(text);
    let mut all = folded.split(',').filter_map(|one| parse(one.trim()));
    let first = all.next()?;
    if kind(first) == "public" {
        return Some(first);
    }
    Some(
        all.find(|address| kind(*address) == "public")
            .unwrap_or(first),
    )
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let address: IpAddr = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?.parse().ok()?,
        None => match text.parse() {
            Ok(address) => address,
            // A port may stand behind an IPv4 address.
            Err(_) => {
                let (address, port) = text.split_once(':')?;
                port.parse::<u16>().ok()?;
                IpAddr::V4(address.parse().ok()?)
            }
        },
    };
    Some(address.to_canonical())
}

fn kind(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(address) => kind_of_v4(address),
        IpAddr::V6(address) => kind_of_v6(address),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> &'static str {
    match address.octets() {
        [0, ..] => "reserved",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "private",
        [100, 64..=127, ..] => "shared",
        [127, ..] => "loopback",
        [169, 254, ..] => "link_local",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "documentation",
        [192, 0, 0, _] | [198, 18..=19, ..] => "reserved",
        [224..=239, ..] => "multicast",
        [240..=255, ..] => "reserved",
        _ => "public",
    }
}

fn kind_of_v6(address: Ipv6Addr) -> &'static str {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0, 0, 0, 0, 0, 0, 0, 0] => "reserved",
        [0x2001, 0x0db8, ..] => "documentation",
        [0x0000..=0x00ff, ..] => "reserved",
        [0xfc00..=0xfdff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link_local",
        [0xff00..=0xffff, ..] => "multicast",
        _ => "public",
    }
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            format!("{first}.{second}.{third}.0/24")
        }
        IpAddr::V6(address) => {
            let [first, second, third, fourth, ..] = address.segments();
            let network = Ipv6Addr::new(first, second, third, fourth, 0, 0, 0, 0);
            format!("{network}/64")
        }
    }
}

//! Every SQL function over arbitrary text: the bytes are cut into as many arguments as it takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onefold::functions::all;
use onefold::functions::scalar::Call;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split('\u{1}');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("CN"));
    for function in all() {
        let arguments = [first, second];
        let arguments = &arguments[..function.arguments.len().min(2)];
        match function.call {
            Call::Text(call) => drop(call(arguments)),
            Call::Texts(call) => drop(call(arguments)),
            Call::Date(call) => drop(call(arguments)),
            Call::Timestamp(call) => drop(call(&[first, "Asia/Shanghai"])),
            Call::Amount(call) => drop(call(arguments)),
            Call::Number(_) | Call::Survivor(_) => {}
        }
    }
});

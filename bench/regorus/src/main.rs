// Decides with regorus what `npm run bench` asks: a line of JSON with the policy first, then a line for each question.
// Answers are lines, too: the effect, and how long one evaluation took on the wall and of the CPU.
use std::io::{self, BufRead, Write};
use std::time::Instant;

use regorus::{Engine, Value};

const RULE: &str = "data.engine.decision";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = io::stdin().lock().lines();
    let policy: serde_json::Value = serde_json::from_str(&lines.next().ok_or("no policy")??)?;
    let mut engine = Engine::new();
    // As in OPA, a built-in function on a wrong type is undefined.
    engine.set_strict_builtin_errors(false);
    for (name, text) in policy["modules"].as_object().ok_or("no modules")? {
        engine.add_policy(name.clone(), text.as_str().ok_or("no text")?.to_string())?;
    }
    engine.add_data(Value::from_json_str(policy["data"].as_str().ok_or("no data")?)?)?;
    for line in lines {
        let asked: serde_json::Value = serde_json::from_str(&line?)?;
        let input = asked["input"].as_str().ok_or("no input")?;
        let times = asked["times"].as_u64().ok_or("no times")?;
        let mut decision = Value::Undefined;
        let (start, start_cpu) = (Instant::now(), cpu_ns());
        for _ in 0..times {
            engine.set_input(Value::from_json_str(input)?);
            decision = engine.eval_rule(RULE.to_string())?;
        }
        let (wall, cpu) = (start.elapsed().as_nanos() as u64, cpu_ns() - start_cpu);
        let effect = decision["effect"].as_string().map(|text| text.to_string()).unwrap_or_default();
        let answer = serde_json::json!({ "effect": effect, "wall_ns": wall / times, "cpu_ns": cpu / times });
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}

/// Reads the CPU time of this process, which has one thread; 0 where the system does not tell it.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

// Runs checks a few at a time, and tells of each in a line of JSON: first the plan, then each check's end.
const PATIENCE = 120_000;

export const say = line => process.stdout.write(JSON.stringify(line) + '\n');

async function failureOf(check) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`did not end within ${PATIENCE} ms`)), PATIENCE);
    });
    try {
        await Promise.race([check(), late]);
        return null;
    } catch (error) {
        return error?.stack ?? String(error);
    } finally {
        clearTimeout(timer);
    }
}

// stages: functions by their names, one stage after the other. Those of a stage run a few at a time, so that what waits for a
// timer of the server waits beside others. The environment's ONLY picks those whose names match it.
export async function run(stages, together) {
    const only = new RegExp(process.env.ONLY ?? '');
    const names = checks => Object.keys(checks).filter(name => only.test(name));
    say({ plan: stages.flatMap(names) });
    for (const checks of stages) {
        const waiting = names(checks);
        const work = async () => {
            for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
                say({ check: name, failure: await failureOf(checks[name]) });
            }
        };
        await Promise.all(Array.from({ length: together }, work));
    }
}

const SIZE = 50;

/**
 * A function that cuts rows into groups, `[{ key, rows }]`; a group in which nothing changed since the last call keeps
 * its array, so that what shows it is not made anew.
 */
export function grouping() {
    let groups = [];
    return (rows) => {
        const before = groups;
        groups = [];
        for (let start = 0; start < rows.length; start += SIZE) {
            const found = rows.slice(start, start + SIZE);
            const known = before[groups.length]?.rows;
            groups.push({ key: start, rows: isSame(known, found) ? known : found });
        }
        return groups;
    };
}

function isSame(known, found) {
    return known?.length === found.length && found.every((row, index) => row === known[index]);
}

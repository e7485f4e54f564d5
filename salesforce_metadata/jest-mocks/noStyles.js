/** What a component's styles are in tests. */
export default undefined;

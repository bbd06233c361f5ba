// An entrypoint that does nothing: what is measured is the way to it and back.
int main(void) { return 0; }

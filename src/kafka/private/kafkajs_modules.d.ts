// kafkajs' own modules have no types: who imports one says what it uses of it.
declare module "kafkajs/src/*" {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const whole: any;
  export default whole;
}

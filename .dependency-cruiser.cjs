/** The import rules of the project: dashboard, testing, cli, apps → nest → core → core/redis → ioredis. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    rule('no-cycles', 'a cycle has no first file to read', {}, { circular: true }),
    rule('resolves', 'an import that leads nowhere fails only when it runs', {}, { couldNotResolve: true }),
    rule(
      'core-has-no-framework',
      'the engine runs in a plain script; Nest is an adapter on top of it',
      { path: '^libs/core/src' },
      { path: ['@nestjs/', 'node_modules/(rxjs|reflect-metadata)/', '^libs/nest/', '^apps/'] },
    ),
    rule(
      'only-core-redis-speaks-redis',
      'one folder knows the client library, so that it can be replaced or upgraded there',
      { path: '^libs/', pathNot: '(^libs/core/src/redis/|\\.spec\\.ts$)' },
      { path: 'node_modules/ioredis/' },
    ),
    rule(
      'nest-uses-the-core-entries',
      'what the core does not say that it shares may change at any time',
      { path: '^libs/nest/src' },
      { path: '^libs/core/', pathNot: '^libs/core/dist/(index|internal)\\.(js|d\\.ts)$' },
    ),
    rule(
      'testing-uses-the-entries',
      'a test kit for applications takes the Nest package as they do; of the core it may take what packages share',
      { path: '^libs/testing/src' },
      {
        path: ['^libs/', '^apps/'],
        pathNot: [
          '^libs/testing/src',
          '^libs/core/dist/(index|internal)\\.(js|d\\.ts)$',
          '^libs/nest/dist/index\\.(js|d\\.ts)$',
        ],
      },
    ),
    rule(
      'cli-uses-the-core-entries',
      'a command line does what any program can do',
      { path: '^libs/cli/src' },
      { path: ['^libs/', '^apps/'], pathNot: ['^libs/cli/src', '^libs/core/dist/(index|internal)\\.(js|d\\.ts)$'] },
    ),
    rule(
      'only-tests-test',
      'the test kit is no part of what it tests',
      { path: ['^libs/(core|nest|cli)/src', '^apps/'] },
      { path: '^libs/testing/' },
    ),
    rule(
      'apps-use-published-entries',
      'an application shows what a user can do, so it imports what a user can import',
      { path: '^apps/' },
      { path: '^libs/', pathNot: '^libs/(core|nest)/dist/index\\.(js|d\\.ts)$' },
    ),
    rule(
      'libs-do-not-know-apps-or-tests',
      'a library is published without them',
      { path: '^libs/' },
      { path: '^(apps|test|scripts)/' },
    ),
    rule(
      'no-undeclared-packages',
      'a package that only the workspace root declares is missing where the library is installed',
      { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['npm-peer'] },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '\\.generated\\.ts$' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};

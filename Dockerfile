# The image of Orderline: the compiled program and its production dependencies, run as an unprivileged user.
# test/integration/image takes the same steps without a Docker engine.

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:20-slim
WORKDIR /app
ENV NODE_ENV=production
# The embedded database is an optional dependency; it is for development alone and stays out.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY scripts/start.mjs scripts/migrate.mjs scripts/roles.mjs scripts/connect.mjs scripts/erase.mjs scripts/replay.mjs scripts/
COPY --from=build /app/dist dist
USER node

# web, worker or all. Any number of each may run on one Postgres.
ENV ROLE=all
ENV HOST=0.0.0.0
# Names are resolved in these threads: a customer whose name server hangs must not hold up the others' look-ups.
ENV UV_THREADPOOL_SIZE=32
ENV PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without npm in between, so that the signal to stop reaches the program.
CMD ["node", "scripts/start.mjs"]
